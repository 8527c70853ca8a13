#!/usr/bin/python3
"""Adds up what ci/test ran and prints its closing line: `N passed, N failed, N skipped`.

Reads the build event file of each `bazel test`, because it names exactly the results of that run, with
the targets' tags; the bazel-testlogs tree also holds results of earlier ones. Exits 1 when anything failed.

What counts: a test case is one; so is a target that could not be built, a skipped target, and a step that is
no Bazel test (--step). A target that passed without running a single case is a failure.

A target that failed and then passed in a second run (--second) counts as it did there, with a line that
calls it flaky. `--failed-with TAG EVENTS` only lists the targets worth a second run.
"""

import argparse
import collections
import dataclasses
import json
import pathlib
import sys
import urllib.parse
import xml.etree.ElementTree as ET


@dataclasses.dataclass
class Policy:
    """What a skip means, by the tag of its target."""

    forbidden: frozenset[str] = frozenset()  # a skip is a failure, too
    allowed: frozenset[str] = frozenset()  # unless the target also has one of these
    left_out: frozenset[str] = frozenset()  # a target skipped as a whole is not counted: another run has it

    def forbids(self, tags):
        return bool(tags & self.forbidden) and not tags & self.allowed


@dataclasses.dataclass
class Tally:
    """The counts of one run, and a line for everything that did not simply pass."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    left_out: int = 0
    ran: collections.Counter = dataclasses.field(default_factory=collections.Counter)  # passed cases, by tag
    notes: list[str] = dataclasses.field(default_factory=list)

    def fail(self, note):
        self.failed += 1
        self.notes.append("failed: " + note)

    def skip(self, note, forbidden):
        self.skipped += 1
        self.notes.append("skipped: " + note)
        if forbidden:
            self.fail(note + " (this skip is forbidden here)")


def read_events(path):
    """The events of a build event file, or none at all when Bazel did not come to its end."""
    try:
        events = [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]
    except (OSError, json.JSONDecodeError):
        return []
    return events if any("buildFinished" in event["id"] for event in events) else []


def cases_of(result):
    """The <testcase> elements of one testResult event."""
    for output in result.get("testActionOutput", []):
        if output["name"] == "test.xml":
            path = urllib.parse.unquote(urllib.parse.urlparse(output["uri"]).path)
            try:
                return list(ET.parse(path).getroot().iter("testcase"))
            except (OSError, ET.ParseError):
                return []
    return []


def last_line(text):
    return ([line.strip() for line in (text or "").splitlines() if line.strip()] or [""])[-1]


def count_result(tally, policy, label, tags, result):
    """Adds one testResult event (one shard of one target) and returns how many cases it had."""
    cases = cases_of(result)
    failed_before = tally.failed
    for case in cases:
        name = "%s %s" % (label, case.get("name"))
        bad, skip = [case.find(kind) for kind in ("failure", "error")], case.find("skipped")
        if any(element is not None for element in bad):
            tally.fail(name)
        elif skip is not None:
            reason = last_line(skip.get("message")) or "no reason given"
            tally.skip("%s: %s" % (name, reason), policy.forbids(tags))
        elif case.get("status") == "notrun":
            tally.skip(name + ": disabled", policy.forbids(tags))
        else:
            tally.passed += 1
            tally.ran.update(tags)
    if result["status"] != "PASSED" and tally.failed == failed_before:
        tally.fail("%s: %s" % (label, result["status"]))
    return len(cases)


def tags_of(events):
    return {event["id"]["targetConfigured"]["label"]: set(event["configured"].get("tag", []))
            for event in events if "testSize" in event.get("configured", {})}


def results_of(events):
    """Of each target that ran, whether all of it passed."""
    passed = {}
    for event in events:
        if "testResult" in event["id"]:
            label = event["id"]["testResult"]["label"]
            passed[label] = passed.get(label, True) and event["testResult"]["status"] == "PASSED"
    return passed


def with_second_run(events, second):
    """`events` with the results of the targets that passed only in `second`, and those targets."""
    first, then = results_of(events), results_of(second)
    flaky = sorted(label for label, passed in first.items() if not passed and then.get(label, False))

    def concerns(event, kinds):
        return any(event["id"].get(kind, {}).get("label") in flaky for kind in kinds)

    kept = [event for event in events if not concerns(event, ("testResult", "targetCompleted"))]
    return kept + [event for event in second if concerns(event, ("testResult",))], flaky


def count_run(events, exit_code, policy, second=()):
    """The tally of one `bazel test`, and of the second run of some of its targets."""
    tally = Tally()
    events, flaky = with_second_run(events, second)
    tally.notes += ["flaky: %s failed at first, passed when run again alone" % label for label in flaky]
    tags, cases = tags_of(events), collections.Counter()
    if not events:
        tally.fail("no complete build event file, bazel exited with %d" % exit_code)
    for event in events:
        kind, identity = next(iter(event["id"].items()))
        label = identity.get("label")
        if kind == "targetCompleted" and event.get("aborted", {}).get("reason") == "SKIPPED":
            if tags.get(label, set()) & policy.left_out:
                tally.left_out += 1
            elif label in tags:  # a test, not a library
                tally.skip(label + ": this host cannot run it", policy.forbids(tags[label]))
        elif kind == "targetCompleted" and not event.get("completed", {}).get("success"):
            tally.fail(label + ": could not be built")
        elif kind == "testResult":
            counted = count_result(tally, policy, label, tags.get(label, set()), event["testResult"])
            cases[label] += counted if event["testResult"]["status"] == "PASSED" else 1
    for label in (label for label, count in cases.items() if count == 0):
        tally.fail(label + ": passed without running a single case")
    if exit_code != 0 and tally.failed == 0 and not flaky:
        tally.fail("bazel exited with %d" % exit_code)
    return tally


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", nargs=3, action="append", default=[], metavar=("NAME", "EVENTS", "CODE"))
    parser.add_argument("--step", nargs=2, action="append", default=[], metavar=("NAME", "CODE"))
    parser.add_argument("--forbid-skips", action="append", default=[], metavar="TAG")
    parser.add_argument("--allow-skips", action="append", default=[], metavar="TAG")
    parser.add_argument("--min-run", action="append", default=[], metavar="TAG=N")
    parser.add_argument("--second", nargs=2, action="append", default=[], metavar=("NAME", "EVENTS"))
    parser.add_argument("--failed-with", nargs=2, metavar=("TAG", "EVENTS"))
    parser.add_argument("--left-out", action="append", default=[], metavar="NAME:TAG")
    return parser.parse_args(argv)


def main(argv):
    options = parse(argv)
    if options.failed_with:
        tag, events = options.failed_with[0], read_events(options.failed_with[1])
        tags = tags_of(events)
        failed = [label for label, passed in results_of(events).items() if not passed]
        print(*(label for label in failed if tag in tags.get(label, ())))
        return 0
    second = {name: read_events(events) for name, events in options.second}
    total, ran = Tally(), collections.Counter()
    for name, events, exit_code in options.run:
        left_out = {tag for run, tag in (option.split(":") for option in options.left_out) if run == name}
        policy = Policy(frozenset(options.forbid_skips), frozenset(options.allow_skips), frozenset(left_out))
        tally = count_run(read_events(events), int(exit_code), policy, second.get(name, ()))
        print(*("%s: %s" % (name, note) for note in tally.notes), sep="\n", end="\n" if tally.notes else "")
        print("%s: %d passed, %d failed, %d skipped" % (name, tally.passed, tally.failed, tally.skipped))
        if tally.left_out:
            print("%s: %d targets tagged %s are left out here, the other run counts them"
                  % (name, tally.left_out, ", ".join(sorted(left_out))))
        ran.update(tally.ran)
        for count in ("passed", "failed", "skipped"):
            setattr(total, count, getattr(total, count) + getattr(tally, count))
    for name, exit_code in options.step:
        print("%s: %s" % (name, "failed" if int(exit_code) else "passed"))
        total.failed += int(exit_code) != 0
        total.passed += int(exit_code) == 0
    for tag, least in (option.split("=") for option in options.min_run):
        if ran[tag] < int(least):
            print("failed: only %d cases tagged %s passed, at least %s must" % (ran[tag], tag, least))
            total.failed += 1
    print("%d passed, %d failed, %d skipped" % (total.passed, total.failed, total.skipped))
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
