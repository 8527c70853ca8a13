"""What ci/perf asks of each measurement, and its table.

    time           rounds.py: slower by 3 % or more, twice
    instructions   of callgrind: more by 0.5 % or more. The same program counts the same to 1 in 100,000, so
                   this sees what the clock cannot; what waits for memory it does not see
    allocations    more of them, whatever the bound

A slowdown that is wanted is accepted by a trailer of its commit, `Slower: NAME, the reason`.
"""

import dataclasses
import enum

from bench.paired import pairs
from bench.paired import rounds

INSTRUCTIONS = 1.005
ALLOCATIONS = 0.001  # a packet: what a program allocates once is spread over many


class Ending(enum.IntEnum):
    """Exit status of ci/perf; the worse the greater, but for 2, which is a wrong command line."""

    GOOD = 0
    SLOWER = 1
    UNDECIDED = 3


@dataclasses.dataclass(frozen=True)
class Row:
    """One measurement of both versions. `outcome` and `counts` are None where they were not taken."""

    name: str
    note: str = ""  # why there is nothing to compare
    outcome: rounds.Outcome = None
    counts: tuple = None  # measure.Counted of the base and of the candidate
    accepted: str = ""  # the reason why it may be slower

    @property
    def findings(self):
        found = []
        if self.outcome and self.outcome.verdict is pairs.Verdict.SLOWER:
            found.append("%.1f %% slower" % (100 * (self.outcome.last.median - 1)))
        if self.counts:
            base, candidate = self.counts
            if candidate.instructions > base.instructions * INSTRUCTIONS:
                more = 100 * (candidate.instructions / base.instructions - 1)
                found.append("%.1f %% more instructions" % more)
            if candidate.allocations > base.allocations + ALLOCATIONS:
                found.append("%.3f more allocations" % (candidate.allocations - base.allocations))
        return found

    @property
    def ending(self):
        if self.findings and not self.accepted:
            return Ending.SLOWER
        undecided = self.outcome and self.outcome.verdict is pairs.Verdict.UNCLEAR
        return Ending.UNDECIDED if undecided and not self.accepted else Ending.GOOD

    @property
    def words(self):
        if self.note:
            return self.note
        words = ", ".join(self.findings)
        if self.outcome and not words:
            words = self.outcome.verdict.value
        if self.outcome and self.outcome.verdict is pairs.Verdict.UNCLEAR:
            words += ": the machine is too noisy to tell"
        return words + (" (accepted: %s)" % self.accepted if self.accepted and self.findings else "")


def ending(rows):
    endings = [row.ending for row in rows]
    return Ending.SLOWER if Ending.SLOWER in endings else max(endings, default=Ending.GOOD)


def line(row):
    """`name  ns of both  ratio [interval]  pairs  instructions of both  verdict`"""
    ns = ratio = counted = ""
    if row.outcome:
        ns = "%.4g -> %.4g ns" % (row.outcome.base, row.outcome.candidate)
        ratio = "%s %3d pairs" % (row.outcome.last, sum(each.pairs for each in row.outcome.rounds))
    if row.counts:
        counted = "%.1f -> %.1f" % tuple(each.instructions for each in row.counts)
    return "%-27s %22s  %31s  %20s  %s" % (row.name, ns, ratio, counted, row.words or "the same")


def as_json(row):
    """Everything that was seen, for a file; plain types."""
    made = {"name": row.name, "verdict": row.words, "ending": row.ending.name.lower()}
    if row.outcome:
        made["rounds"] = [dataclasses.asdict(each) for each in row.outcome.rounds]
        made["ratios"] = list(row.outcome.ratios)
        made["ns"] = [row.outcome.base, row.outcome.candidate]
    if row.counts:
        made["instructions"] = [each.instructions for each in row.counts]
        made["allocations"] = [each.allocations for each in row.counts]
    return made
