"""Runs one case of a Google Benchmark program: its time, or what callgrind counts of it, a packet."""

import dataclasses
import json
import os
import re
import subprocess
import tempfile

from bench.suites import suite

IN_NETNS = "ci/bazel/in_netns.sh"

_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
# What callgrind calls the functions that hand out memory. `operator new` ends in one of them.
_ALLOCATES = {"malloc", "calloc", "realloc", "memalign", "posix_memalign", "aligned_alloc"}


@dataclasses.dataclass(frozen=True)
class Timed:
    ns: float  # of one packet, or whatever the measurement is of
    items: int  # how many of them the program did


@dataclasses.dataclass(frozen=True)
class Counted:
    instructions: float  # of one
    allocations: float
    items: int  # that were counted


def read_time(output, measurement):
    """The Timed of what the program printed as JSON."""
    try:
        cases = json.loads(output)["benchmarks"]
    except (json.JSONDecodeError, KeyError) as error:
        raise suite.SuiteError("%s: no benchmark's JSON: %s" % (measurement.name, error)) from None
    if len(cases) != 1:
        raise suite.SuiteError("%s: %d cases fit %s" % (measurement.name, len(cases), measurement.case))
    case = cases[0]
    if case.get("error_occurred"):
        raise suite.SuiteError("%s: %s" % (measurement.name, case.get("error_message")))
    wall = re.search("/(manual|real)_time", case["name"])
    iteration = case["real_time" if wall else "cpu_time"] * _SECONDS[case["time_unit"]]
    items = case.get("items_per_second", 1 / iteration) * iteration
    ns = case[measurement.value] if measurement.value else iteration / items * 1e9
    return Timed(ns, round(items * case["iterations"]))


def read_callgrind(text):
    """(instructions, allocations) of a callgrind.out file."""
    names, callee, allocations = {}, None, 0
    for line in text.splitlines():
        if line.startswith(("fn=", "cfn=")):
            # A name stands only where its number comes first.
            number, name = re.match(r"c?fn=(\(\d+\))(?: (.*))?", line).groups()
            names.setdefault(number, name)
            callee = names[number] if line.startswith("c") else None
        elif line.startswith("calls=") and callee in _ALLOCATES:
            allocations += int(line[len("calls="):].split()[0])
    summary = re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE)
    if not summary:
        raise suite.SuiteError("callgrind's file has neither a summary nor totals")
    return int(summary.group(1)), allocations


def _run(command, measurement, cpu=None):
    pin = None if cpu is None else lambda: os.sched_setaffinity(0, {cpu})
    done = subprocess.run(command, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, preexec_fn=pin)
    if done.returncode != 0:
        raise suite.SuiteError("%s: exit status %d of %s: %s" % (
            measurement.name, done.returncode, " ".join(command), done.stderr.strip()[-400:]))
    return done.stdout


def _benchmark(binary, measurement, seconds):
    # Without iterations of its own, a case runs as long as this says.
    return [str(binary), "--benchmark_filter=" + measurement.filter, "--benchmark_format=json",
            "--benchmark_min_time=%g" % seconds]


def quiet_cpu():
    """The last CPU that we may use: interrupts are mostly taken by the first."""
    return max(os.sched_getaffinity(0))


def time(binary, measurement, seconds=0.2, wrapper=IN_NETNS):
    """One process run. A process run is one sample: what varies within it says nothing of the next."""
    command = _benchmark(binary, measurement, seconds)
    if measurement.root:
        command = [str(wrapper), *command]
    alone = quiet_cpu() if measurement.cpus == 1 and not measurement.root else None
    return read_time(_run(command, measurement, alone), measurement)


def count(binary, measurement):
    """Under callgrind, which sees a processor without AVX-512 and SHA-NI, and no kernel."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "callgrind.out")
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out,
                   "--toggle-collect=" + measurement.count]
        # No more than one iteration where the case does not fix them: whatever it takes is long enough.
        timed = read_time(_run(command + _benchmark(binary, measurement, 1e-6), measurement), measurement)
        with open(out, encoding="utf-8") as file:
            instructions, allocations = read_callgrind(file.read())
    items = timed.items * measurement.passes
    if instructions == 0:
        raise suite.SuiteError("%s: callgrind saw no call of %s" % (measurement.name, measurement.count))
    return Counted(instructions / items, allocations / items, items)
