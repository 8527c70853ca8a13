"""Where a series changed for good: change points of nightly figures, in the manner of Hunter (arXiv
2301.03034).

    1. Places: the split of the series that E-divisive's statistic is greatest for, then again in both halves.
    2. Judgement: from the weakest on, places go away until each that is left parts two groups of nights whose
       means differ by `smallest` or more and significantly, by Student's t-test, each with its own variance.

It works on logarithms, so that a change is a ratio. Single nights go wrong on any machine, and a group mean
must not follow them: values are clipped to three times the noise round the median of their group, and a
group has three nights or more. So a change is found in its third night; until then last_night() calls it a
suspect. Nothing is random: the same series gives the same changes.

Significance is set low, because every series is looked at every night, at every place. What that makes of
false alarms and of missed changes is measured in changes_test.py.
"""

import dataclasses
import itertools
import math
import statistics

GROUP = 3  # nights, at least
SMALLEST = 0.02  # change that is worth a word
SIGNIFICANCE = 1e-5
WORTH_SPLITTING = 1e-2  # of a place that step 1 keeps: step 2 sees it beside its neighbours
CLIP = 3  # times the noise
LEAST_NOISE = 1e-4  # of counts, which hardly vary
LEAST = 1e-3  # what 0 counts as: allocations a packet, for one, which have no logarithm
SUSPECT = 4  # times the noise


@dataclasses.dataclass(frozen=True)
class Change:
    """The series is another from night `at` on. `ratio` is the mean after it by the mean before it."""

    at: int
    before: float
    after: float
    p: float

    @property
    def ratio(self):
        return self.after / self.before


def _logs(values):
    return [math.log(max(value, LEAST)) for value in values]


def noise_of(logs):
    """The spread from night to night, by differences of neighbours: no change point and no odd night moves
    it."""
    steps = [abs(after - before) for before, after in itertools.pairwise(logs)]
    # A normal deviation is 1.4826 of the median; the difference of two has sqrt(2) of it.
    return max(LEAST_NOISE, statistics.median(steps) * 1.4826 / math.sqrt(2)) if steps else LEAST_NOISE


def _beta(a, b, x):
    """The regularised incomplete beta function, by Lentz's continued fraction (Numerical Recipes, 6.4)."""
    if x in (0, 1):
        return x
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
                     + a * math.log(x) + b * math.log1p(-x)) / a
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 300):
        for step in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                     -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d, c = 1 / (1 + step * d), 1 + step / c
            value *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return front * value


def student(t, freedom):
    """The two-sided probability of |t| or more."""
    return _beta(freedom / 2, 0.5, freedom / (freedom + t * t))


def clipped(group, noise):
    """A short group stays as it is: two odd nights of three are no reason to believe them."""
    if len(group) < 2 * GROUP:
        return group
    middle = statistics.median(group)
    return [min(max(value, middle - CLIP * noise), middle + CLIP * noise) for value in group]


def probability(left, right, noise):
    """That two groups with one mean differ as much as these. Each has the variance that it shows, `noise` at
    least; the test has the freedom of both, since the noise is known from all nights."""
    left, right = clipped(left, noise), clipped(right, noise)
    spread = math.sqrt(sum(max(statistics.variance(group), noise**2) / len(group) for group in (left, right)))
    return student((statistics.fmean(right) - statistics.fmean(left)) / spread, len(left) + len(right) - 2)


def best_place(logs):
    """Where to split, by E-divisive: mean distance between the groups, less that within them. None: too
    short."""
    count = len(logs)
    if count < 2 * GROUP:
        return None
    # Sums of distances: within the left, within the right, and across, updated as a night changes sides.
    left, across = 0.0, 0.0
    right = sum(abs(a - b) for a, b in itertools.combinations(logs, 2))
    best = (-math.inf, None)
    for at in range(1, count - GROUP + 1):
        moved = logs[at - 1]
        to_left = sum(abs(moved - other) for other in logs[:at - 1])
        to_right = sum(abs(moved - other) for other in logs[at:])
        left, right, across = left + to_left, right - to_right, across - to_left + to_right
        if at >= GROUP:
            m, n = at, count - at
            energy = 2 * across / (m * n) - 2 * left / (m * (m - 1)) - 2 * right / (n * (n - 1))
            best = max(best, (energy * m * n / (m + n), at))
    return best[1]


def _places(logs, noise, first=0):
    at = best_place(logs)
    if at is None or probability(logs[:at], logs[at:], noise) > WORTH_SPLITTING:
        return []
    return [*_places(logs[:at], noise, first), first + at, *_places(logs[at:], noise, first + at)]


def changes(values, smallest=SMALLEST):
    """The Changes of a series of figures, in order."""
    logs = _logs(values)
    noise = noise_of(logs)
    places = _places(logs, noise)
    while places:
        bounds = [0, *places, len(logs)]
        groups = [logs[begin:end] for begin, end in itertools.pairwise(bounds)]
        means = [statistics.fmean(clipped(group, noise)) for group in groups]
        found = [Change(at, math.exp(means[i]), math.exp(means[i + 1]),
                        probability(groups[i], groups[i + 1], noise)) for i, at in enumerate(places)]
        weak = [change for change in found
                if change.p > SIGNIFICANCE or abs(math.log(change.ratio)) < math.log1p(smallest)]
        if not weak:
            return found
        places.remove(max(weak, key=lambda change: change.p).at)
    return []


def groups(values, found):
    """[(first night, last night, mean)] of the groups that the changes part, for drawing. Of zeros 0."""
    logs = _logs(values)
    noise = noise_of(logs)
    bounds = [0, *(change.at for change in found), len(logs)]
    return [(begin, end - 1, math.exp(statistics.fmean(clipped(logs[begin:end], noise)))
             if any(values[begin:end]) else 0.0) for begin, end in itertools.pairwise(bounds)]


def last_night(values, found):
    """The ratio of the last figure to the mean of its group before it, when that is odd; None when it is
    not."""
    begin = found[-1].at if found else 0
    logs = _logs(values)
    before = logs[begin:-1]
    if len(before) < GROUP:
        return None
    noise = noise_of(logs)
    off = logs[-1] - statistics.fmean(clipped(before, noise))
    return math.exp(off) if abs(off) > max(SUSPECT * noise, math.log1p(SMALLEST)) else None
