#!/usr/bin/python3
"""The catalogue of scenarios, docs/catalogue.md: each with its question and its answer.

usage: scenarios/catalogue.py RESULTS     writes the page from result.json files anywhere below a folder

as `runner run FILE... --out RESULTS` leaves them. Questions come from the scenario files, answers from the
results; one without a result keeps the answer that the page has. catalogue_test holds the page to the files.
"""

import collections
import glob
import json
import os
import re
import sys
import tomllib

PAGE = "docs/catalogue.md"

# Folders in the order of the page, with what is asked in them.
FOLDERS = collections.OrderedDict([
    ("sameness", "Sameness: do all ways in deliver what a UDP socket would have got?"),
    ("host_traffic", "Host traffic: does the host notice?"),
    ("loss", "Loss and order: what becomes of shreds that come late, twice, broken or never?"),
    ("hostile", "Hostile: what can a stranger do?"),
    ("faults", "Faults: what if a part of the receiver hangs?"),
    ("scale", "Scale: does it hold for many of them?"),
    ("restarts", "Changes while running"),
    ("throughput", "Throughput: is anything lost at this rate?"),
])

# Between these lines the page is ours; the rest is written by hand.
BEGIN = "<!-- From here on written by scenarios/catalogue.py -->\n"
END = "<!-- Up to here -->\n"


def scenario_files():
    """{folder: {name: (path, question)}} of the working directory, folders of the page only."""
    files = {}
    for folder in FOLDERS:
        for path in sorted(glob.glob("scenarios/%s/*.toml" % folder)):
            with open(path, "rb") as file:
                scenario = tomllib.load(file)
            files.setdefault(folder, {})[scenario["name"]] = (path, scenario["description"])
    return files


def results_below(folder):
    """{scenario: [result of each case, in order of their folders]}."""
    results = {}
    for path in sorted(glob.glob(folder + "/**/result.json", recursive=True)):
        with open(path, encoding="utf-8") as file:
            result = json.load(file)
        results.setdefault(result["scenario"].split("[")[0], []).append(result)
    return results


def _per_path(paths, text_of):
    """One text when all paths have the same, else each with its path's name; empty ones left out."""
    texts = [(path["path"], text_of(path)) for path in paths]
    if len({text for _, text in texts}) == 1:
        return texts[0][1]
    return "; ".join("%s %s" % (name, text) for name, text in texts if text)


def _counts(counts):
    return ", ".join("{:,} {}".format(count, cause) for cause, count in sorted(counts.items()) if count)


# The median alone: the tail is the machine's, and every run has another one.
def _latency(times):
    return "%.0f" % (times["p50"] / 1000) if times else ""


def _cost(nanoseconds):
    return "%.1f" % (nanoseconds / 1000) if nanoseconds else ""


def _numbers(result):
    paths = result["paths"]
    said = ["{:,} frames".format(paths[0]["offered"])]
    if paths[0].get("seconds"):
        said[0] += " at {:,} a second".format(round((paths[0]["offered"] - 1) / paths[0]["seconds"]))
    said.append("delivered: " + _per_path(paths, lambda path: "{:,}".format(path["delivered"])))
    lost = _per_path(paths, lambda path: _counts(path["lost"]))
    said.append("lost: " + lost if lost else "nothing lost")
    latency = _per_path(paths, lambda path: _latency(path.get("latency_ns")))
    if latency:
        said.append("median age in microseconds: " + latency)
    cost = _per_path(paths, lambda path: _cost(path.get("ns_per_packet")))
    if cost:
        said.append("CPU time a frame in microseconds: " + cost)
    shreds = [path["shreds"] for path in paths if path["shreds"]]
    if shreds and shreds[0]["sets"]["recovered"]:
        words = "{complete} complete, {recovered} rebuilt, {incomplete} incomplete"
        said.append("sets: " + _per_path(paths, lambda path: words.format(**path["shreds"]["sets"])))
    return "; ".join(said)


def _checks(count):
    return "%d check%s" % (count, "" if count == 1 else "s")


def answer_of(results):
    """One line: whether it holds, over how many cases and paths, and the numbers of the first case."""
    checks = [check for result in results for check in result["checks"]]
    held = sum(check["pass"] is True for check in checks)
    bad = [result for result in results if result["verdict"] != "pass"]
    if bad:
        return "**%s**: %s" % (bad[0]["verdict"], bad[0]["reason"])
    cases = "%d cases, " % len(results) if len(results) > 1 else ""
    if not results[0]["paths"]:
        return "Yes (%s): %s" % (_checks(held), results[0]["checks"][0]["detail"])
    names = [path["path"] for path in results[0]["paths"]]
    over = {4: "all four ways", 2: "both filters"}.get(len(names), " and ".join(names))
    return "Yes (%s%s, %s): %s" % (cases, _checks(held), over, _numbers(results[0]))


def listed(page):
    """{name: (path from docs/, question, answer)} of the page's rows about files."""
    row = re.compile(r"^\| \[([^]]+)\]\(([^)]+)\) \| (.*) \| (.*) \|$", re.MULTILINE)
    return {name: (path, question, answer) for name, path, question, answer in row.findall(page)}


def page_of(page, files, answers):
    """`page` with our part of it made anew."""
    before, rest = page.split(BEGIN)
    _, behind = rest.split(END)
    text = ""
    for folder, title in FOLDERS.items():
        text += "\n## %s\n\n| scenario | question | answer |\n|---|---|---|\n" % title
        for name, (path, question) in files.get(folder, {}).items():
            text += "| [%s](../%s) | %s | %s |\n" % (name, path, question, answers.get(name, ""))
    return before + BEGIN + text + "\n" + END + behind


def main():
    if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1]):
        sys.exit(__doc__)
    results = os.path.abspath(sys.argv[1])
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    answers = {name: answer for name, (_, _, answer) in listed(page).items()}
    answers.update({name: answer_of(cases) for name, cases in results_below(results).items()})
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(page_of(page, scenario_files(), answers))


if __name__ == "__main__":
    main()
