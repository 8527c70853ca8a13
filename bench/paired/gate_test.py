"""What ci/perf makes of figures: what fails, what is accepted, what cannot be told."""

import json
import unittest

from bench.paired import gate, pairs, rounds
from bench.suites import measure


def outcome(verdict, median=1.0):
    last = pairs.Estimate(30, median, median - 0.01, median + 0.01)
    return rounds.Outcome(verdict, (last, last), (median,) * 30, 20.0, 20.0 * median)


def counts(base, candidate, allocations=0.0):
    return (measure.Counted(base, 0.0, 100), measure.Counted(candidate, allocations, 100))


SAME = outcome(pairs.Verdict.SAME)
SLOWER = outcome(pairs.Verdict.SLOWER, 1.06)


class RowTest(unittest.TestCase):
    def test_slower_by_the_clock_fails(self):
        row = gate.Row("net_tile", outcome=SLOWER)
        self.assertEqual((row.ending, row.words), (gate.Ending.SLOWER, "6.0 % slower"))

    def test_half_a_percent_more_instructions_fail(self):
        self.assertEqual(gate.Row("a", outcome=SAME, counts=counts(200, 200.9)).ending, gate.Ending.GOOD)
        self.assertEqual(gate.Row("a", outcome=SAME, counts=counts(200, 150)).ending, gate.Ending.GOOD)
        row = gate.Row("a", outcome=SAME, counts=counts(200, 201.1))
        self.assertEqual((row.ending, row.words), (gate.Ending.SLOWER, "0.6 % more instructions"))

    def test_an_allocation_in_a_hundred_packets_fails(self):
        row = gate.Row("a", outcome=SAME, counts=counts(200, 200, 0.01))
        self.assertEqual((row.ending, row.words), (gate.Ending.SLOWER, "0.010 more allocations"))
        self.assertEqual(gate.Row("a", outcome=SAME, counts=counts(200, 200, 1e-5)).ending, gate.Ending.GOOD)

    def test_an_accepted_slowdown_passes_with_its_reason(self):
        row = gate.Row("a", outcome=SLOWER, accepted="checks the length")
        self.assertEqual((row.ending, row.words),
                         (gate.Ending.GOOD, "6.0 % slower (accepted: checks the length)"))

    def test_noise_is_undecided_and_said(self):
        row = gate.Row("a", outcome=outcome(pairs.Verdict.UNCLEAR))
        self.assertEqual(row.ending, gate.Ending.UNDECIDED)
        self.assertIn("too noisy", row.words)

    def test_nothing_to_compare_passes_with_a_note(self):
        row = gate.Row("a", note="the same code")
        self.assertEqual((row.ending, row.words), (gate.Ending.GOOD, "the same code"))


class EndingTest(unittest.TestCase):
    def test_slower_comes_before_undecided_before_good(self):
        good = gate.Row("a", outcome=SAME)
        undecided = gate.Row("b", outcome=outcome(pairs.Verdict.UNCLEAR))
        self.assertEqual(gate.ending([]), 0)
        self.assertEqual(gate.ending([good, undecided]), 3)
        self.assertEqual(gate.ending([undecided, gate.Row("c", outcome=SLOWER), good]), 1)

    def test_the_table_and_the_file_say_the_same(self):
        row = gate.Row("net_tile", outcome=SLOWER, counts=counts(200, 210))
        self.assertIn("1.060 [1.050 1.070]  60 pairs", gate.line(row))
        self.assertIn("6.0 % slower, 5.0 % more instructions", gate.line(row))
        made = json.loads(json.dumps(gate.as_json(row)))
        self.assertEqual((made["ending"], made["instructions"]), ("slower", [200, 210]))
        self.assertEqual(len(made["ratios"]), 30)


if __name__ == "__main__":
    unittest.main()
