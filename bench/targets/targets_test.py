"""Target files: what they refuse, which of them fits a machine, and that ours can be read."""

import pathlib
import tempfile
import unittest

from bench.suites import figures, suite
from bench.targets import targets

TEXT = """
[machine]
cpu = "AMD EPYC"
cpus = 2
[most]
"a/ns" = 20
[least]
"b/ndr" = 1e6
"""


class TargetsTest(unittest.TestCase):
    def assert_refused(self, text):
        with self.assertRaises(targets.TargetsError):
            targets.read("here", text)

    def test_a_bound_is_met_or_missed(self):
        here = targets.read("here", TEXT)
        self.assertEqual((here.miss("a/ns", 20), here.miss("a/ns", 20.1)), ("", "above 20"))
        self.assertEqual((here.miss("b/ndr", 1e6), here.miss("b/ndr", 9e5)), ("", "below 1e+06"))
        self.assertEqual((here.miss("c/ns", 1e9), here.bound("c/ns")), ("", ""))

    def test_what_is_refused(self):
        self.assert_refused("[most]\n")
        self.assert_refused(TEXT.replace("cpus = 2", ""))
        self.assert_refused(TEXT + "[mots]\n")
        self.assert_refused(TEXT.replace("= 20", "= '20'"))
        self.assert_refused(TEXT + '"a/ns" = 1\n')

    def test_the_machine_decides(self):
        here = targets.read("here", TEXT)
        self.assertIs(targets.fitting([here], "AMD EPYC 9R45", 2), here)
        self.assertIs(targets.fitting([here], "AMD EPYC", 4), targets.NONE)
        self.assertIs(targets.fitting([here], "Intel", 2), targets.NONE)
        with self.assertRaises(targets.TargetsError):
            targets.fitting([here, here], "AMD EPYC", 2)

    def test_a_machine_is_read_from_cpuinfo(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "cpuinfo"
            file.write_text("processor\t: 0\nmodel name\t: AMD EPYC 9R45\n\nprocessor\t: 1\n")
            self.assertEqual(targets.this_machine(file)[0], "AMD EPYC 9R45")
            file.write_text("")
            self.assertEqual(targets.this_machine(file)[0], "unknown")


class OurTargetsTest(unittest.TestCase):
    def test_each_names_a_series_that_there_is(self):
        known = set()
        for row in suite.read(suite.FILE.read_text()):
            counted = type("Counted", (), {"instructions": 0, "allocations": 0}) if row.count else None
            known |= set(figures.series([figures.Figure(row.name, row.per, (1.0,), counted)]))
        files = targets.read_all()
        self.assertGreater(len(files), 0)
        for each in files:
            named = {*each.most, *each.least}
            self.assertEqual([name for name in named - known if not name.startswith("paths.")], [], each.name)


if __name__ == "__main__":
    unittest.main()
