"""Change points of made-up series, many seeds: regressions that were planted, and noise without any."""

import math
import unittest

from bench.history import changes, made_up

SEEDS = 200


def found(seeds=SEEDS, **series):
    """The changes of each seed's series."""
    count = series.pop("count", 90)
    return [changes.changes(made_up.figures(seed, count, **series)) for seed in range(seeds)]


def hits(lists, at, ratio):
    """Of how many seeds just this one change was found, a night off at most, its size within 1.5 %."""
    return sum(len(each) == 1 and abs(each[0].at - at) <= 1 and abs(each[0].ratio / ratio - 1) < 0.015
               for each in lists)


class NoiseTest(unittest.TestCase):
    """Of all these series, with odd nights among them, one at most may seem to change."""

    def test_noise_of_one_percent(self):
        self.assertEqual(sum(map(bool, found())), 0)

    def test_noise_of_three_percent(self):
        self.assertLessEqual(sum(map(bool, found(noise=0.03))), 1)

    def test_one_night_of_ten_is_odd(self):
        self.assertEqual(sum(map(bool, found(odd=0.1))), 0)

    def test_a_month_and_a_year(self):
        self.assertEqual(sum(map(bool, found(count=30))), 0)
        self.assertEqual(sum(map(bool, found(seeds=30, count=365))), 0)

    def test_counts_do_not_vary(self):
        self.assertEqual(changes.changes([181.0] * 60), [])
        self.assertEqual(changes.changes([0.0] * 60), [])


class RegressionTest(unittest.TestCase):
    def test_five_percent_are_found_where_they_are(self):
        self.assertGreaterEqual(hits(found(changes=[(60, 1.05)]), 60, 1.05), 0.95 * SEEDS)
        self.assertGreaterEqual(hits(found(changes=[(80, 1.05)]), 80, 1.05), 0.93 * SEEDS)

    def test_an_improvement_is_a_change_too(self):
        self.assertGreaterEqual(hits(found(changes=[(60, 0.95)]), 60, 0.95), 0.95 * SEEDS)

    def test_in_its_third_night(self):
        self.assertGreaterEqual(hits(found(changes=[(87, 1.05)]), 87, 1.05), 0.8 * SEEDS)

    def test_not_before(self):
        # But for an odd night before the two.
        self.assertLessEqual(sum(map(bool, found(changes=[(88, 1.05)]))), 0.01 * SEEDS)

    def test_two_changes_are_two(self):
        both = found(changes=[(30, 1.05), (60, 0.95)])
        self.assertGreaterEqual(sum(len(each) == 2 for each in both), 0.9 * SEEDS)

    def test_one_percent_is_not_worth_a_word(self):
        # A few seem to be of 2 %.
        self.assertLessEqual(sum(map(bool, found(changes=[(60, 1.01)], odd=0))), 3)

    def test_a_count_that_steps_is_found_to_the_night(self):
        (change,) = changes.changes([181.0] * 40 + [190.0] * 3)
        self.assertEqual((change.at, round(change.ratio, 4)), (40, round(190 / 181, 4)))
        (change,) = changes.changes([0.0] * 40 + [1.0] * 3)
        self.assertEqual(change.at, 40)


class LastNightTest(unittest.TestCase):
    def test_an_odd_last_night_is_a_suspect_with_its_ratio(self):
        steady = made_up.figures(1, 30, odd=0)
        self.assertIsNone(changes.last_night(steady, []))
        self.assertAlmostEqual(changes.last_night([*steady, 110.0], []), 1.1, delta=0.01)

    def test_it_is_held_against_its_own_group(self):
        values = made_up.figures(1, 30, odd=0) + made_up.figures(2, 10, changes=[(0, 1.1)], odd=0)
        (change,) = changes.changes(values)
        self.assertIsNone(changes.last_night(values, [change]))
        self.assertIsNone(changes.last_night([1.0, 2.0], []))


class StatisticsTest(unittest.TestCase):
    def test_student_is_that_of_the_tables(self):
        for t, freedom, probability in ((12.706, 1, 0.05), (2.228, 10, 0.05), (3.169, 10, 0.01),
                                        (2.000, 60, 0.05), (5.959, 9, 0.0002121)):
            self.assertAlmostEqual(changes.student(t, freedom) / probability, 1, delta=0.01)
        self.assertEqual(changes.student(0, 5), 1)

    def test_the_running_sums_give_the_statistic_of_its_definition(self):
        logs = [math.log(value) for value in made_up.figures(3, 20, changes=[(12, 1.02)])]

        def energy(at):
            left, right = logs[:at], logs[at:]
            m, n = len(left), len(right)
            across = 2 * sum(abs(a - b) for a in left for b in right) / (m * n)
            within = sum(sum(abs(a - b) for a in group for b in group) / (len(group) * (len(group) - 1))
                         for group in (left, right))
            return (across - within) * m * n / (m + n)

        places = range(changes.GROUP, len(logs) - changes.GROUP + 1)
        self.assertEqual(changes.best_place(logs), max(places, key=energy))

    def test_groups_are_parted_by_the_changes(self):
        values = [100.0] * 10 + [110.0] * 10
        first, second = changes.groups(values, changes.changes(values))
        self.assertEqual((first[:2], second[:2]), ((0, 9), (10, 19)))
        self.assertAlmostEqual(second[2], 110)


if __name__ == "__main__":
    unittest.main()
