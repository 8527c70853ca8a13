"""The history: a file of NDJSON, a line a night, appended to and never changed.

    {"time": "2026-11-28T02:00:00Z",     when the night began
     "commit": "fbcc4ee...",             what was measured
     "machine": "ci-vm",                 histories of two machines are not compared
     "artefacts": "2026-11-28T0200",     folder with logs and results, from the history's own folder on
     "series": {"net_tile.kernel_filter/ns": 19.7, ...}}

A series is named WHAT/FIGURE; FIGURES says which figures there are. The canary's have `canary.` before it.
Keys of a line that are not known here are ignored, so that older versions can read what newer ones wrote.
"""

import dataclasses
import functools
import json
import os

from bench.history import changes

FIGURES = {  # name: (unit, the less the better, smallest change that is worth a word)
    "ns": ("ns", True, 0.02),
    "instructions": ("instructions", True, 0.005),
    "allocations": ("allocations", True, 0.02),
    "delivered": ("packets/s", False, 0.02),
    "ndr": ("packets/s", False, 0.02),
    "pdr": ("packets/s", False, 0.02),
    "lost": ("of what was offered", True, 0.02),
    "latency_p50": ("ns", True, 0.02),
    "latency_p99": ("ns", True, 0.05),
    "ratio_to_udp": ("times", False, 0.02),
    "ratio_to_testpmd": ("times", False, 0.02),
}
CANARY = "canary."


class HistoryError(Exception):
    """A sentence for the user."""


@dataclasses.dataclass(frozen=True)
class Night:
    time: str
    commit: str
    machine: str
    series: dict
    artefacts: str = ""


@dataclasses.dataclass(frozen=True)
class Trend:
    """One series over the nights that have it."""

    name: str
    nights: tuple
    values: tuple

    @property
    def figure(self):
        return figure_of(self.name)

    @property
    def unit(self):
        return FIGURES[self.figure][0]

    @property
    def less_is_better(self):
        return FIGURES[self.figure][1]

    @functools.cached_property
    def changes(self):
        return self.changes_of(len(self.values))

    def changes_of(self, count):
        """Those of the first `count` nights."""
        return changes.changes(self.values[:count], FIGURES[self.figure][2])

    @property
    def is_canary(self):
        return self.name.startswith(CANARY)

    def worse(self, ratio):
        return ratio > 1 if self.less_is_better else ratio < 1


def figure_of(name):
    return name.rpartition("/")[2]


def _checked(night):
    wrong = [name for name, value in night.series.items()
             if figure_of(name) not in FIGURES or type(value) not in (int, float) or not value >= 0]
    if wrong:
        raise HistoryError("no figures of a history: %s" % ", ".join(wrong))
    return night


def append(path, night):
    """One line, written at once and on the disk before it returns. A line that a crash has cut off before it
    is ended first, and stays what it is: unreadable."""
    _checked(night)
    line = json.dumps(dataclasses.asdict(night), sort_keys=True, allow_nan=False) + "\n"
    with open(path, "a+b") as file:
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            line = line if file.read(1) == b"\n" else "\n" + line
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def read(path, machine):
    """([Night] of a machine, by time, [what is wrong with lines that could not be read])."""
    found, wrong = [], []
    known = {field.name for field in dataclasses.fields(Night)}
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            try:
                made = {key: value for key, value in json.loads(line).items() if key in known}
                night = _checked(Night(**made))
            except (ValueError, TypeError, AttributeError, HistoryError) as error:
                wrong.append("%s:%d: %s" % (path, number, error))
                continue
            if night.machine == machine:
                found.append(night)
    return sorted(found, key=lambda night: night.time), wrong


def trends(history):
    """The Trend of every series that the last night has, by name. What is no longer measured is not looked
    at."""
    made = []
    for name in sorted(history[-1].series) if history else []:
        nights = tuple(night for night in history if name in night.series)
        made.append(Trend(name, nights, tuple(night.series[name] for night in nights)))
    return made
