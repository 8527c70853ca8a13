"""What is compared, and what is not: programs that are the same, new, changed, or cannot run."""

import pathlib
import shutil
import tempfile
import unittest

from bench.paired import comparison, gate
from bench.suites import measure, suite

ROW = suite.Measurement("tile", "s", "//a:b", "a", "packet", count="turn", gate=True)


class ComparisonTest(unittest.TestCase):
    """Two real programs of different code stand for the versions; their figures are made up."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.base, self.candidate = (pathlib.Path(folder.name) / name for name in ("base", "candidate"))
        shutil.copy("/bin/true", self.base)
        shutil.copy("/bin/false", self.candidate)
        self.ns = {self.base: 20.0, self.candidate: 20.0}
        self.counts = {self.base: (180.0, 64), self.candidate: (180.0, 64)}
        self.times = 0

    def time(self, program, _):
        self.times += 1
        if self.ns[program] is None:
            raise suite.SuiteError("0 cases fit a")
        return measure.Timed(self.ns[program], 64)

    def count(self, program, _):
        instructions, items = self.counts[program]
        return measure.Counted(instructions, 0.0, items)

    def row(self, **options):
        return comparison.compare(ROW, self.base, self.candidate, time=self.time, count=self.count, **options)

    def test_the_same_speed_is_good(self):
        row = self.row()
        self.assertEqual((row.ending, row.words), (gate.Ending.GOOD, "no difference that matters"))

    def test_a_slower_candidate_fails_by_clock_and_by_count(self):
        self.ns[self.candidate], self.counts[self.candidate] = 22.0, (190.0, 64)
        row = self.row()
        self.assertIs(row.ending, gate.Ending.SLOWER)
        self.assertEqual(row.words, "10.0 % slower, 5.6 % more instructions")
        self.assertIs(self.row(accepted="wanted").ending, gate.Ending.GOOD)

    def test_the_same_code_is_not_run_unless_asked(self):
        shutil.copy(self.base, self.candidate)
        self.assertEqual((self.row().words, self.times), ("the same code", 0))
        self.assertIsNotNone(self.row(measure_same=True).outcome)

    def test_what_the_base_lacks_is_new(self):
        self.ns[self.base] = None
        self.assertIn("new: ", self.row().words)
        self.base.unlink()
        self.assertIn("new: ", self.row().words)

    def test_what_the_candidate_lacks_is_an_error(self):
        self.ns[self.candidate] = None
        with self.assertRaises(suite.SuiteError):
            self.row()

    def test_a_benchmark_that_does_something_else_is_not_compared(self):
        self.counts[self.candidate] = (180.0, 128)
        self.assertEqual(self.row().words, "the benchmark changed: 128 items, 64 before")


if __name__ == "__main__":
    unittest.main()
