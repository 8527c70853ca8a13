"""One night on a lab's machine, part by part. A part that fails is named and does not end the night; each can
be had alone.

    scenarios   each file over the lab's ports, `runner run --lab`
    suites      bench/suites/run, and its gates again by the canary's programs
    paths       bench/paths over the lab's ports, and over a veth pair coupled and decoupled: what is
                delivered and what it costs; NDR, PDR, and ages at shares of NDR
    record      a line in history.ndjson, then the page index.html and summary.txt

All in one folder, of which each night has a subfolder with what its steps left.
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
import subprocess
import time
import tomllib

from bench.history import collect, estimate, findings, nights, page, summary
from bench.suites import figures, measure, suite
from bench.targets import targets


PARTS = ("scenarios", "suites", "paths")


class NightError(Exception):
    """A sentence for the user: the night cannot be had at all."""


@dataclasses.dataclass
class Plan:
    root: pathlib.Path  # of the tree, with the programs built below bazel-bin
    bin: pathlib.Path  # bazel-bin
    folder: pathlib.Path
    lab: pathlib.Path
    scenarios: list
    commit: str
    measurements: list  # suite.Measurement
    canary: pathlib.Path = None  # folder of programs; None: no canary
    runs: int = 5
    path_arguments: tuple = ("--peers",)
    limit_arguments: tuple = ("--rounds", "3", "--seconds", "0.3")
    path_couplings: tuple = ("ports", "coupled", "decoupled")
    counts: bool = True
    parts: tuple = PARTS


@contextlib.contextmanager
def reserved(folder):
    """One night at a time: another ends at once, saying so."""
    with open(folder / "lock", "w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NightError("another night is under way in %s" % folder) from None
        yield


def environment():
    """What the machine was, for whoever wonders later. Keys with null could not be read."""
    def text(path):
        try:
            return pathlib.Path(path).read_text().strip()
        except OSError:
            return None
    cpu, cpus = targets.this_machine()
    return {"cpu": cpu, "cpus": cpus, "kernel": os.uname().release, "command_line": text("/proc/cmdline"),
            "governor": text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            "smt": text("/sys/devices/system/cpu/smt/active"), "load": text("/proc/loadavg"),
            "huge_pages": text("/proc/sys/vm/nr_hugepages")}


class Night:
    def __init__(self, plan, say, now):
        self._plan, self._say = plan, say
        self.began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        self.name = self.began.replace(":", "")
        self.folder = plan.folder / self.name
        self.series, self.bad = {}, []

    def _program(self, name, *command):
        """Runs a program with its output into NAME.log; whether it ended well is for the caller to say."""
        self._say(name)
        with open(self.folder / (name + ".log"), "w", encoding="utf-8") as log:
            words = [str(word) for word in command]
            return subprocess.run(words, cwd=self._plan.root, check=False, stdout=log,
                                  stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL).returncode

    def scenarios(self):
        for file in self._plan.scenarios:
            name = "scenario-" + pathlib.Path(file).stem
            out = self.folder / name
            status = self._program(name, self._plan.bin / "sim/runner", "run", "--quiet", "--lab",
                                   self._plan.lab, file, "--out", out)
            found, bad = collect.scenarios(out)
            self.series |= found
            # Without a result the log alone says why: a demand that the lab does not meet, for one.
            self.bad += bad or (["%s: exit status %d, see its log" % (name, status)] if status else [])

    def suites(self):
        def take(program_of, measurements, counts):
            def time_of(each):
                return measure.time(program_of(each), each, wrapper=self._plan.root / measure.IN_NETNS)

            def count_of(each):
                return measure.count(program_of(each), each)

            return figures.take(measurements, self._plan.runs, time_of, counts and count_of, self._say)

        taken = take(lambda each: self._plan.bin / each.binary.removeprefix("bazel-bin/"),
                     self._plan.measurements, self._plan.counts)
        self.series |= figures.series(taken)
        if self._plan.canary:
            gates = [each for each in self._plan.measurements if each.gate]
            old = take(lambda each: self._plan.canary / each.target.split(":")[1], gates, False)
            self.series |= collect.of_suites({"series": figures.series(old)}, nights.CANARY)

    def paths(self):
        for coupling in self._plan.path_couplings:
            where = ("--lab", self._plan.lab) if coupling == "ports" else ("--coupling", coupling)
            for name, read, arguments in (
                    ("paths-", collect.of_paths, self._plan.path_arguments),
                    ("limits-", collect.of_limits, ("--limits", *self._plan.limit_arguments))):
                out = self.folder / (name + coupling + ".json")
                status = self._program(name + coupling, self._plan.bin / "bench/paths/paths", *where,
                                       "--json", out, *arguments)
                if status:
                    self.bad.append("%s%s: exit status %d, see its log" % (name, coupling, status))
                else:
                    self.series |= read(json.loads(out.read_text()))

    def run(self):
        self.folder.mkdir(parents=True)
        (self.folder / "environment.json").write_text(json.dumps(environment(), indent=1) + "\n")
        self._say(estimate.sentence(self._plan))
        took = {}
        for part in self._plan.parts:
            began = time.monotonic()
            try:
                getattr(self, part)()
                took[part] = round(time.monotonic() - began)
            except (OSError, ValueError, KeyError, suite.SuiteError) as error:
                self.bad.append("%s: %s" % (part, error))
        (self.folder / estimate.TOOK).write_text(json.dumps(took) + "\n")

    def record(self):
        """Appends, looks at the whole history, writes the page. The report, and the summary's text."""
        machine = tomllib.loads(self._plan.lab.read_text())["name"]
        history_file = self._plan.folder / "history.ndjson"
        nights.append(history_file,
                      nights.Night(self.began, self._plan.commit, machine, self.series, self.name))
        history, unreadable = nights.read(history_file, machine)
        expected = targets.fitting(targets.read_all(), *targets.this_machine())
        report = findings.look(history, expected, unreadable)
        (self._plan.folder / "index.html").write_text(page.page(report, history, expected))
        failed = ["FAILED %s\n" % line for line in self.bad]
        text = "".join(failed) + summary.text(report, history, str(self._plan.folder / "index.html"))
        (self._plan.folder / "summary.txt").write_text(text + "\n")
        return report, text


def run(plan, say, now=None):
    """The exit status, and the summary: 0 quiet, 1 a new regression or a step that failed. The night began
    `now`, seconds of the epoch."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    with reserved(plan.folder):
        night = Night(plan, say, time.time() if now is None else now)
        night.run()
        if not night.series:
            raise NightError("nothing was measured: %s" % "; ".join(night.bad))
        report, text = night.record()
    return (1 if report.new_regressions or night.bad else 0), text
