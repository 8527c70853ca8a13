"""Figures of a suite: every measurement run several times in turns, then counted; their table and series."""

import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Figure:
    name: str
    per: str
    ns: tuple  # of each process run
    counted: object = None  # measure.Counted

    @property
    def median(self):
        return statistics.median(self.ns)

    @property
    def quartiles(self):
        if len(self.ns) < 2:
            return self.median, self.median
        low, _, high = statistics.quantiles(self.ns, n=4, method="inclusive")
        return low, high


def take(measurements, runs, time, count, progress):
    """Figures of all, in turns: every measurement once, then again, so that a bad minute is shared by all.
    `time` and `count` take a measurement and run it; nothing is counted without `count`."""
    ns = {each.name: [] for each in measurements}
    for turn in range(runs):
        for each in measurements:
            progress("run %d of %d: %s" % (turn + 1, runs, each.name))
            ns[each.name].append(time(each).ns)
    made = []
    for each in measurements:
        counted = None
        if each.count and count:
            progress("counting: %s" % each.name)
            counted = count(each)
        made.append(Figure(each.name, each.per, tuple(ns[each.name]), counted))
    return made


def series(figures):
    """{series: value}, as targets and the history name them. All of them are the better the less."""
    made = {}
    for figure in figures:
        made[figure.name + "/ns"] = figure.median
        if figure.counted:
            made[figure.name + "/instructions"] = figure.counted.instructions
            made[figure.name + "/allocations"] = figure.counted.allocations
    return made


def misses(figures, targets):
    """[(series, value, in words)] of what misses its target."""
    return [(name, value, targets.miss(name, value)) for name, value in series(figures).items()
            if targets.miss(name, value)]


def table(figures, targets):
    rows = ["%-27s %-7s %10s %21s %13s %12s  %s" % (
        "", "per", "ns", "[quartiles]", "instructions", "allocations", "target")]
    for figure in figures:
        counted = ("%.1f" % figure.counted.instructions, "%.3f" % figure.counted.allocations) \
            if figure.counted else ("", "")
        bounds = []
        for each in ("ns", "instructions", "allocations"):
            name = "%s/%s" % (figure.name, each)
            if bound := targets.bound(name):
                missed = targets.miss(name, series([figure]).get(name, 0))
                bounds.append("%s %s%s" % (each, bound, ": MISSED" if missed else ""))
        rows.append("%-27s %-7s %10.4g %21s %13s %12s  %s" % (
            figure.name, figure.per, figure.median, "[%.4g %.4g]" % figure.quartiles, *counted,
            ", ".join(bounds)))
    return "\n".join(row.rstrip() for row in rows)
