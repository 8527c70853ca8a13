"""What last night says: regressions that are new, others that are not, suspects, targets missed.

A change is *new* when the history without the last night did not show it yet: it is reported, and fails the
night, once. When the canary, the same measurement by a program that never changes, moved about as much about
then, it was the machine. A suspect is an odd last figure: two nights later it is a change, or forgotten.
"""

import dataclasses

from bench.history import changes, nights

NEAR = 2  # nights: how far one change's place may wander as more nights come, or differ between two series


@dataclasses.dataclass(frozen=True)
class Finding:
    """One change of one series."""

    trend: nights.Trend
    change: changes.Change
    new: bool
    machine: bool  # the canary moved too

    @property
    def regression(self):
        return self.trend.worse(self.change.ratio) and not self.machine and not self.trend.is_canary

    @property
    def night(self):
        return self.trend.nights[self.change.at]

    @property
    def last_good(self):
        return self.trend.nights[self.change.at - 1]

    @property
    def words(self):
        """`+5.2 %, 19.7 -> 20.7 ns, between fbcc4ee and 44b2487`"""
        return "%+.1f %%, %.4g -> %.4g %s, between %s and %s" % (
            100 * (self.change.ratio - 1), self.change.before, self.change.after, self.trend.unit,
            self.last_good.commit[:9], self.night.commit[:9])


@dataclasses.dataclass(frozen=True)
class Report:
    trends: list  # nights.Trend
    findings: list  # Finding, all changes of all trends
    suspects: list  # (trend, ratio to its group)
    missed: list  # (trend, how, in words)
    unreadable: list  # lines of the history

    @property
    def new_regressions(self):
        return [finding for finding in self.findings if finding.new and finding.regression]

    def of(self, trend):
        return [finding for finding in self.findings if finding.trend.name == trend.name]


def _near(change, others):
    return any(abs(change.at - other.at) <= NEAR for other in others)


def _moved(change, trend, canary):
    """Whether the canary's trend has a change that explains this one: about the same night, half of it or
    more."""
    if not canary:
        return False
    night = trend.nights[change.at].time
    for other in canary.changes:
        begin, end = max(0, other.at - NEAR), min(len(canary.nights) - 1, other.at + NEAR)
        if canary.nights[begin].time <= night <= canary.nights[end].time:
            mine, its = change.ratio - 1, other.ratio - 1
            return mine * its > 0 and abs(its) >= abs(mine) / 2
    return False


def look(history, targets, unreadable=()):
    """`history` of one machine, by time, with one night at least."""
    trends = nights.trends(history)
    canaries = {trend.name.removeprefix(nights.CANARY): trend for trend in trends if trend.is_canary}
    findings, suspects, missed = [], [], []
    for trend in trends:
        earlier = trend.changes_of(len(trend.values) - 1)
        findings += [Finding(trend, change, not _near(change, earlier),
                             _moved(change, trend, canaries.get(trend.name))) for change in trend.changes]
        ratio = changes.last_night(trend.values, trend.changes)
        if ratio and trend.worse(ratio) and not trend.is_canary:
            suspects.append((trend, ratio))
        if how := targets.miss(trend.name, trend.values[-1]):
            missed.append((trend, how))
    return Report(trends, findings, suspects, missed, list(unreadable))
