"""A cluster's result.json (docs/result.md), so that `runner report` shows it beside other topologies.

Each receiver is one of its paths; what all hosts counted is under the key `cluster` (docs/turbine.md).
"""
import json
import os
import platform
import subprocess

import judge


# Why, in a few words (docs/result.md).
NOT_MEASURED = {"ns_per_packet": "hosts share CPUs", "latency_ns": "shreds are signed",
                "stalls_ns": "no latency"}


def path_of(numbers, host):
    """A receiver as an entry of `paths`."""
    receiver, link = numbers["receivers"][host], numbers["links"][host]
    lost = {**receiver["lost"], "ring_drop": link["ring_in"], "queue_drop": link["queue_in"]}
    return {
        "path": f"{host} {receiver['path']}", "mode": receiver["mode"], "queues": 1,
        "offered": judge.sent_to(numbers, host), "delivered": receiver["consumed"],
        "slow_way": receiver["slow_way"], "passed": receiver["passed"],
        "lost": {cause: count for cause, count in lost.items() if count > 0},
        "payload_digest": None, "host_digest": None, "content_digest": receiver["content_digest"],
        # Nobody tells them apart by variant here.
        "shreds": {"variants": {"all": receiver["consumed"] - sum(receiver["shreds"]["discarded"].values())},
                   "sets": {"complete": receiver["complete"],
                            "recovered": receiver["sets"] - receiver["complete"],
                            "incomplete": numbers["leader"]["sets"] - receiver["sets"]},
                   **receiver["shreds"]},
        "seconds": numbers["leader"]["elapsed_ns"] / 1e9, "ns_per_packet": None,
        "ns_per_packet_deviation": None, "setup_ns": None, "cpu_wait_ns": None, "latency_ns": None,
        "stalls_ns": None, "not_measured": NOT_MEASURED,
    }


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return models[0] if models else platform.machine()


def verdict_of(checks):
    """The verdict, and the reason: the first check that failed."""
    for each in checks:
        if each["pass"] is False:
            return "fail", f"{each['name']}: {each['detail']}"
    return "pass", ""


def result(numbers, checks, options, started):
    """`options`: what options.parse() gives; `started`: ISO 8601, UTC."""
    verdict, reason = verdict_of(checks)
    version = subprocess.run([options.penstock, "version"], check=True, capture_output=True, text=True)
    return {
        "scenario": options.name, "description": options.description, "topology": "turbine",
        "seed": options.seed, "commit": version.stdout.split()[-1], "started": started,
        "repeat": " ".join(["sudo sim/turbine/turbine", *options.repeat]),
        "environment": {"kernel": f"{platform.system()} {platform.release()}", "machine": platform.machine(),
                        "cpu": processor(), "cpus": os.cpu_count(), "lab": None},
        "verdict": verdict, "reason": reason, "checks": checks,
        "paths": [path_of(numbers, host) for host in numbers["receivers"]], "cluster": numbers,
    }


def write(folder, values):
    with open(os.path.join(folder, "result.json"), "w", encoding="utf-8") as file:
        json.dump(values, file, indent=1)
