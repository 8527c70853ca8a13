"""What a machine is expected to reach: bench/targets/NAME.toml, and which of them is this machine's.

    [machine]                what the file is for; a machine fits when all of it does
    cpu = "AMD EPYC"         the beginning of /proc/cpuinfo's model name
    cpus = 2                 how many of them
    [most] / [least]         "SERIES" = figure: the bound that the series must not pass

Series are named as in results and in the history: `net_tile.kernel_filter/ns`.
"""

import dataclasses
import os
import pathlib
import re
import tomllib

FOLDER = pathlib.Path(__file__).resolve().parent


class TargetsError(Exception):
    """A sentence for the user."""


@dataclasses.dataclass(frozen=True)
class Targets:
    name: str  # of the file, without .toml
    cpu: str = ""
    cpus: int = 0
    most: dict = dataclasses.field(default_factory=dict)
    least: dict = dataclasses.field(default_factory=dict)

    def miss(self, series, value):
        """How a value misses its target, in words; empty when it has none or meets it."""
        if value > self.most.get(series, float("inf")):
            return "above %.4g" % self.most[series]
        if value < self.least.get(series, float("-inf")):
            return "below %.4g" % self.least[series]
        return ""

    def bound(self, series):
        if series in self.most:
            return "<= %.4g" % self.most[series]
        return ">= %.4g" % self.least[series] if series in self.least else ""


NONE = Targets("none")


def read(name, text):
    try:
        made = tomllib.loads(text)
        machine = made.pop("machine")
        most, least = made.pop("most", {}), made.pop("least", {})
        known = {"cpu", "cpus"}
        if made or set(machine) != known:
            raise TargetsError("%s: [machine] has cpu and cpus, beside it are [most] and [least] only" % name)
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise TargetsError("%s: %s" % (name, error)) from None
    wrong = [series for series, value in [*most.items(), *least.items()] if type(value) not in (int, float)]
    if wrong or set(most) & set(least):
        raise TargetsError("%s: each series has one bound, a number: %s" % (name, ", ".join(wrong)))
    return Targets(name, machine["cpu"], machine["cpus"], most, least)


def read_all(folder=FOLDER):
    return [read(file.stem, file.read_text()) for file in sorted(folder.glob("*.toml"))]


def this_machine(cpuinfo="/proc/cpuinfo"):
    """(model name, number of CPUs)"""
    models = re.findall(r"^model name\s*: (.*)$", pathlib.Path(cpuinfo).read_text(), re.MULTILINE)
    return (models or ["unknown"])[0], os.cpu_count()


def fitting(all_targets, model, cpus):
    """The targets of the machine that these are; NONE where there are none. Raises when two fit."""
    fits = [each for each in all_targets if model.startswith(each.cpu) and cpus == each.cpus]
    if len(fits) > 1:
        raise TargetsError("%s fit this machine" % " and ".join(each.name for each in fits))
    return fits[0] if fits else NONE
