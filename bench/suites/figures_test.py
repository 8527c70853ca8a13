"""Figures of made-up runs: their order, their medians, their table against targets."""

import unittest

from bench.suites import figures, measure, suite
from bench.targets import targets

ROWS = [suite.Measurement("a", "s", "//a:a", "a", "packet", count="turn"),
        suite.Measurement("b", "s", "//b:b", "b", "shred")]
TARGETS = targets.Targets("here", most={"a/ns": 20, "b/ns": 20, "a/instructions": 180})


def taken(runs):
    """Figures of which each run takes 1 ns more than the one before."""
    clock = iter(range(10, 1000))
    return figures.take(ROWS, runs, lambda each: measure.Timed(next(clock), 1),
                        lambda each: measure.Counted(181.0, 0.0, 1), lambda line: None)


class FiguresTest(unittest.TestCase):
    def test_measurements_take_turns(self):
        a, b = taken(5)
        self.assertEqual((a.ns, b.ns), ((10, 12, 14, 16, 18), (11, 13, 15, 17, 19)))
        self.assertEqual((a.median, a.quartiles), (14, (12, 16)))

    def test_one_run_has_no_spread(self):
        self.assertEqual(taken(1)[0].quartiles, (10, 10))

    def test_series_have_the_names_of_targets(self):
        self.assertEqual(figures.series(taken(1)), {"a/ns": 10, "a/instructions": 181.0, "a/allocations": 0.0,
                                                    "b/ns": 11})

    def test_a_missed_target_is_in_the_table_and_in_the_list(self):
        found = taken(1)
        self.assertEqual(figures.misses(found, TARGETS), [("a/instructions", 181.0, "above 180")])
        first, second = figures.table(found, TARGETS).splitlines()[1:]
        self.assertIn("ns <= 20, instructions <= 180: MISSED", first)
        self.assertTrue(second.endswith("ns <= 20"), second)


if __name__ == "__main__":
    unittest.main()
