"""How long the parts of a night take, to be said before it starts: as long as they took last time, or what
they are made of."""

import json

# Seconds, on the two-core reference machine. A scenario over a lab's ports; a process of a suite, and one
# under callgrind; for each coupling `bench/paths --peers` (five rounds of fourteen trials) and `--limits`
# (three rounds of four minutes).
SCENARIO, TIMED, COUNTED, PATHS, LIMITS = 30, 0.6, 12, 170, 720
TOOK = "took.json"  # in a night's folder: seconds of each part that ended


def by_parts(plan):
    """{part: seconds} of those that the plan has."""
    rows = plan.measurements
    canary = [each for each in rows if each.gate] if plan.canary else []
    made_of = {"scenarios": SCENARIO * len(plan.scenarios),
               "suites": TIMED * plan.runs * (len(rows) + len(canary)) +
                         COUNTED * sum(bool(each.count and plan.counts) for each in rows),
               "paths": (PATHS + LIMITS) * len(plan.path_couplings)}
    return {part: made_of[part] for part in plan.parts}


def last_time(folder):
    """{part: seconds} as each part took when it was last done in a night of this folder."""
    took = {}
    for file in sorted(folder.glob("*/" + TOOK)):
        try:
            took |= json.loads(file.read_text())
        except (OSError, ValueError):
            continue
    return took


def sentence(plan):
    """For people, before a night."""
    expected = by_parts(plan) | {part: seconds for part, seconds in last_time(plan.folder).items()
                                 if part in plan.parts}
    each = ", ".join("%s %s" % (part, _minutes(seconds)) for part, seconds in expected.items())
    return "about %s: %s" % (_minutes(sum(expected.values())), each)


def _minutes(seconds):
    return "%d min" % max(1, round(seconds / 60))
