"""Two versions compared by pairs of runs: statistics alone, nothing is run here.

A pair is one process run of the base and one of the candidate, one right after the other, in ns a packet;
its ratio is candidate by base, so that above 1 is slower. Pairs, because a machine's state lasts longer than
a pair: runs of a virtual machine differ by 15 %, the ratios of their pairs by far less.

The interval of the median is the exact one by order statistics (the sign test turned round): it asks nothing
of the ratios' distribution but that pairs are independent of each other. Nothing is random here, so the same
ratios give the same verdict.
"""

import dataclasses
import enum
import math
import statistics

CONFIDENCE = 0.99
SLOWER = 1.03  # a median from here on is a slowdown, if the interval leaves no room for equality
EXCLUDED = 1.05  # the slowdown that the interval must exclude before two versions are called the same


class Verdict(enum.Enum):
    SAME = "no difference that matters"
    FASTER = "faster"
    SLOWER = "slower"
    UNCLEAR = "unclear"


@dataclasses.dataclass(frozen=True)
class Estimate:
    """The median of ratios with its interval, which is (0, inf) where there are too few to have one."""

    pairs: int
    median: float
    low: float
    high: float

    def __str__(self):
        return "%.3f [%.3f %.3f]" % (self.median, self.low, self.high)


def rank_of(count, confidence=CONFIDENCE):
    """k so that the k-th least and the k-th greatest of `count` values bound the median; 0 when none do."""
    outside, rank = 0, 0
    while rank < count // 2:
        outside += math.comb(count, rank)
        if 2 * outside > (1 - confidence) * 2**count:
            break
        rank += 1
    return rank


def estimate(ratios):
    ordered, rank = sorted(ratios), rank_of(len(ratios))
    low, high = (ordered[rank - 1], ordered[-rank]) if rank else (0.0, math.inf)
    return Estimate(len(ordered), statistics.median(ordered), low, high)


def judge(seen):
    """What one round of pairs says. UNCLEAR asks for more: neither a slowdown nor its absence is shown."""
    if seen.median >= SLOWER and seen.low > 1:
        return Verdict.SLOWER
    if seen.high >= EXCLUDED:
        return Verdict.UNCLEAR
    return Verdict.FASTER if seen.median <= 1 / SLOWER and seen.high < 1 else Verdict.SAME
