#!/usr/bin/python3
"""Two runs at once give the digests and counters of two runs alone: nothing of one reaches the other.

The two have different seeds, so that a frame of one in the other would show in both digests. On a machine
that stands still at times a run may lose frames or end invalid, alone or not: such an attempt proves nothing
and is made again. Runs that disturb each other do so in every attempt: then there is never a clean pair.

Over veth in a namespace of the test's own, as root. Arguments: the runner, a scenario file, the topology.
"""
import json
import os
import subprocess
import sys
import tempfile

SEEDS = (11, 12)
ATTEMPTS = 6
# What the clock decides.
TIMED = ("seconds", "ns_per_packet", "ns_per_packet_deviation", "setup_ns", "cpu_wait_ns", "latency_ns",
         "stalls_ns", "not_measured")


def start(runner, scenario, topology, seed, folder):
    return subprocess.Popen([runner, "run", scenario, "--topology", topology, "--seed", str(seed),
                             "--out", folder, "--quiet"], stdout=subprocess.DEVNULL)


def outcome(process, folder):
    """The paths of a clean run, without times; None and the reason for a run that proves nothing."""
    process.wait()
    with open(os.path.join(folder, "result.json"), encoding="utf-8") as file:
        result = json.load(file)
    if result["verdict"] != "pass":
        return None, f"seed {result['seed']}: {result['verdict']}: {result['reason']}"
    return [{key: value for key, value in path.items() if key not in TIMED} for path in result["paths"]], ""


def clean_runs(seeds, *what):
    """Outcomes of these seeds at the same time, of an attempt in which all are clean."""
    for attempt in range(ATTEMPTS):
        with tempfile.TemporaryDirectory(dir=os.environ["TEST_TMPDIR"]) as folder:
            folders = [os.path.join(folder, str(seed)) for seed in seeds]
            processes = [start(*what, seed, out) for seed, out in zip(seeds, folders)]
            outcomes = [outcome(process, out) for process, out in zip(processes, folders)]
        for _, reason in outcomes:
            if reason:
                print(f"attempt {attempt + 1}: {reason}")
        if all(paths is not None for paths, _ in outcomes):
            return [paths for paths, _ in outcomes]
    sys.exit(f"two_runs_test: no clean run of seeds {seeds} in {ATTEMPTS} attempts")


def main(*what):
    alone = [clean_runs((seed,), *what)[0] for seed in SEEDS]
    if alone[0][0]["payload_digest"] == alone[1][0]["payload_digest"]:
        sys.exit("two_runs_test: the two workloads are the same, and the test proves nothing")
    together = clean_runs(SEEDS, *what)
    for seed, one, other in zip(SEEDS, alone, together):
        for path, beside in zip(one, other):
            if path != beside:
                sys.exit(f"two_runs_test: seed {seed}, {path['path']}: alone {path}, beside another {beside}")
    print(f"two_runs_test: ok, {len(alone[0])} paths of each")


if __name__ == "__main__":
    main(*sys.argv[1:])
