"""Rounds of pairs, until two versions are told apart or shown to be the same.

    round 1 of 12 pairs: no slowdown of 5 % fits what was seen      -> done
    else rounds of 30, 60 and 60 fresh pairs, each judged by itself
    slower                                                          -> only if two rounds in turn say so
    still unclear after the last                                    -> the machine is too noisy, said as such

Fresh pairs, because a round that was chosen for what it showed is no evidence for it.
"""

import dataclasses

from bench.paired import pairs

ROUNDS = (12, 30, 60, 60)


@dataclasses.dataclass(frozen=True)
class Outcome:
    verdict: pairs.Verdict  # UNCLEAR: the last round could not tell either
    rounds: tuple  # the pairs.Estimate of each
    ratios: tuple  # those of the last round
    base: float  # ns a packet, least of the last round
    candidate: float

    @property
    def last(self):
        return self.rounds[-1]


def run_pairs(count, base, candidate):
    """[(ns of the base, ns of the candidate)]: who comes first alternates, so that a drift favours nobody."""
    taken = []
    for pair in range(count):
        if pair % 2 == 0:
            first = base()
            taken.append((first, candidate()))
        else:
            first = candidate()
            taken.append((base(), first))
    return taken


def compare(base, candidate, sizes=ROUNDS):
    """`base` and `candidate` each run their version once and return ns a packet."""
    base(), candidate()  # warm: the files' pages, the processor's clock
    seen, before = [], None
    for size in sizes:
        taken = run_pairs(size, base, candidate)
        ratios = tuple(theirs / ours for ours, theirs in taken)
        seen.append(pairs.estimate(ratios))
        verdict = pairs.judge(seen[-1])
        confirmed = verdict is not pairs.Verdict.SLOWER or before is pairs.Verdict.SLOWER
        if verdict is not pairs.Verdict.UNCLEAR and confirmed:
            break
        before = verdict
    if not confirmed:
        verdict = pairs.Verdict.UNCLEAR
    least = [min(pair[version] for pair in taken) for version in (0, 1)]
    return Outcome(verdict, tuple(seen), ratios, *least)
