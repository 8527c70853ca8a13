"""The statistics of pairs: exact ranks, and verdicts at their limits."""

import json
import math
import pathlib
import random
import unittest

from bench.paired import pairs


def seen(median, low, high):
    return pairs.Estimate(30, median, low, high)


class RankTest(unittest.TestCase):
    def test_ranks_are_those_of_the_tables_of_the_sign_test(self):
        # Its critical values, two-sided, at 1 % are 0, 1, 3 and 7 of 8, 12, 20 and 30: the rank is one more.
        self.assertEqual([pairs.rank_of(count) for count in (7, 8, 12, 20, 30)], [0, 1, 2, 4, 8])

    def test_too_few_pairs_bound_nothing(self):
        few = pairs.estimate([1.0] * 5)
        self.assertEqual((few.low, few.high), (0.0, math.inf))
        self.assertIs(pairs.judge(few), pairs.Verdict.UNCLEAR)

    def test_interval_holds_the_median_as_often_as_it_says(self):
        random_ = random.Random(1)
        held = 0
        for _ in range(2000):
            found = pairs.estimate([random_.lognormvariate(0, 0.3) for _ in range(12)])
            held += found.low <= 1 <= found.high
        self.assertGreater(held, 0.985 * 2000)  # exactly 99.4 %


class JudgeTest(unittest.TestCase):
    def test_slower_wants_three_percent_and_no_room_for_equality(self):
        self.assertIs(pairs.judge(seen(1.05, 1.01, 1.09)), pairs.Verdict.SLOWER)
        self.assertIs(pairs.judge(seen(1.05, 0.99, 1.09)), pairs.Verdict.UNCLEAR)
        self.assertIs(pairs.judge(seen(1.02, 1.01, 1.03)), pairs.Verdict.SAME)

    def test_same_wants_five_percent_excluded(self):
        self.assertIs(pairs.judge(seen(1.0, 0.97, 1.049)), pairs.Verdict.SAME)
        self.assertIs(pairs.judge(seen(1.0, 0.97, 1.05)), pairs.Verdict.UNCLEAR)

    def test_faster(self):
        self.assertIs(pairs.judge(seen(0.9, 0.88, 0.92)), pairs.Verdict.FASTER)
        self.assertIs(pairs.judge(seen(0.98, 0.97, 0.99)), pairs.Verdict.SAME)


class RecordedTest(unittest.TestCase):
    """Pairs of the net tile's benchmark on a machine at load 10: testdata/recorded.json says which."""

    def setUp(self):
        file = pathlib.Path(__file__).resolve().parent / "testdata/recorded.json"
        self.recorded = json.loads(file.read_text())

    def test_one_program_against_itself_is_not_slower(self):
        found = pairs.estimate(self.recorded["same"])
        self.assertAlmostEqual(found.median, 1, delta=0.01)
        self.assertTrue(found.low < 1 < found.high)
        self.assertIsNot(pairs.judge(found), pairs.Verdict.SLOWER)

    def test_five_percent_that_were_planted_are(self):
        self.assertIs(pairs.judge(pairs.estimate(self.recorded["planted"])), pairs.Verdict.SLOWER)


if __name__ == "__main__":
    unittest.main()
