"""The table of measurements, bench/suites/suites.toml, which says what each key means."""

import dataclasses
import pathlib
import re
import tomllib

FILE = pathlib.Path(__file__).resolve().parent / "suites.toml"


class SuiteError(Exception):
    """A sentence for the user."""


@dataclasses.dataclass(frozen=True)
class Measurement:
    name: str
    suite: str
    target: str
    case: str
    per: str
    value: str = ""
    count: str = ""
    passes: int = 1
    cpus: int = 1
    root: bool = False
    gate: bool = False

    @property
    def filter(self):
        """The regular expression that Google Benchmark takes for just this case."""
        return "^%s(/iterations:|/manual_time|/real_time|/min_time:|$)" % re.escape(self.case)

    @property
    def binary(self):
        """Where Bazel leaves the program, from the root of the tree."""
        return "bazel-bin/" + self.target.removeprefix("//").replace(":", "/")


def read(text):
    """The measurements of a suites.toml. Raises SuiteError, naming the row."""
    try:
        rows = tomllib.loads(text)["measurement"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise SuiteError("suites.toml: %s" % error) from None
    found = {}
    for row in rows:
        try:
            made = Measurement(**row)
        except TypeError as error:  # an unknown key, or one that is missing
            raise SuiteError("suites.toml, %s: %s" % (row.get("name", "a row without name"), error)) from None
        if made.name in found:
            raise SuiteError("suites.toml: two rows are called %s" % made.name)
        if made.gate and (made.root or made.cpus > 1):
            raise SuiteError("suites.toml, %s: a gate runs anywhere, on one CPU" % made.name)
        found[made.name] = made
    return list(found.values())


def select(measurements, words):
    """Those of which a word is the suite or the name; all of them without words."""
    for word in words:
        if not any(word in (each.suite, each.name) for each in measurements):
            known = sorted({each.suite for each in measurements})
            raise SuiteError("'%s' is no suite and no measurement; suites: %s" % (word, ", ".join(known)))
    return [each for each in measurements if not words or each.suite in words or each.name in words]
