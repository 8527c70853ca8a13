"""Rounds of pairs on made-up machines, many seeds: a planted slowdown fails, the same version does not."""

import collections
import unittest

from bench.paired import noise, rounds
from bench.paired.pairs import Verdict

SEEDS = 300


def verdicts(candidate, **machine):
    """How often each verdict came, of a base of 20 ns."""
    count = collections.Counter()
    for seed in range(SEEDS):
        made = noise.Machine(seed, **machine)
        count[rounds.compare(made.version(20), made.version(candidate)).verdict] += 1
    return count


class RoundsTest(unittest.TestCase):
    def test_the_same_version_is_never_slower(self):
        count = verdicts(20)
        self.assertEqual(count[Verdict.SLOWER], 0)
        self.assertGreaterEqual(count[Verdict.SAME], 0.98 * SEEDS, count)

    def test_a_planted_slowdown_of_5_percent_fails(self):
        self.assertGreaterEqual(verdicts(21)[Verdict.SLOWER], 0.98 * SEEDS)
        self.assertGreaterEqual(verdicts(21, spread=0.01)[Verdict.SLOWER], 0.99 * SEEDS)

    def test_a_slowdown_of_10_percent_fails_on_a_restless_machine(self):
        self.assertEqual(verdicts(22, interrupted=0.2), {Verdict.SLOWER: SEEDS})

    def test_a_drift_favours_nobody(self):
        # Half as slow again after a round: blocks of one version and then the other would show 20 %.
        self.assertEqual(verdicts(20, spread=0.01, drift=0.02), {Verdict.SAME: SEEDS})

    def test_an_improvement_is_no_slowdown(self):
        self.assertGreaterEqual(verdicts(18, spread=0.01)[Verdict.FASTER], 0.99 * SEEDS)

    def test_too_much_noise_is_said_and_not_passed(self):
        count = verdicts(21, spread=0.5)
        self.assertGreater(count[Verdict.UNCLEAR], 0.9 * SEEDS, count)


class OrderTest(unittest.TestCase):
    def test_who_runs_first_alternates(self):
        order = []
        rounds.run_pairs(4, lambda: order.append("b") or 1, lambda: order.append("c") or 1)
        self.assertEqual("".join(order), "bccbbccb")

    def test_a_slowdown_in_one_round_alone_is_not_believed(self):
        # Twelve pairs slower by a tenth, as after an unlucky start; none later.
        runs = iter([1.0] + [1.1] * 12 + [1.0] * 1000)
        outcome = rounds.compare(lambda: 1.0, lambda: next(runs))
        self.assertIs(outcome.verdict, Verdict.SAME)
        self.assertEqual([each.pairs for each in outcome.rounds], [12, 30])

    def test_a_slowdown_that_comes_in_the_last_round_first_is_unclear(self):
        wild = [0.5, 2.0] * 15
        runs = iter([1.0] + wild + [1.1] * 30)
        outcome = rounds.compare(lambda: 1.0, lambda: next(runs), sizes=(30, 30))
        self.assertIs(outcome.verdict, Verdict.UNCLEAR)


if __name__ == "__main__":
    unittest.main()
