"""The table of measurements: what it refuses, and that each row finds one case of its program."""

import os
import re
import subprocess
import unittest

from bench.suites import suite

ROW = """
[[measurement]]
name = "%s"
suite = "receive"
target = "//engine/a:b"
case = "hit/4"
per = "packet"
"""


class ReadTest(unittest.TestCase):
    def assert_refused(self, text, word):
        with self.assertRaises(suite.SuiteError) as caught:
            suite.read(text)
        self.assertIn(word, str(caught.exception))

    def test_a_row(self):
        (row,) = suite.read(ROW % "a")
        self.assertEqual(row.binary, "bazel-bin/engine/a/b")
        for case in ("hit/4", "hit/4/iterations:256", "hit/4/manual_time"):
            self.assertRegex(case, row.filter)
        for case in ("hit/40", "hit/4/8", "a_hit/4"):
            self.assertNotRegex(case, row.filter)

    def test_what_is_refused(self):
        self.assert_refused(ROW % "a" + ROW % "a", "two rows")
        self.assert_refused(ROW % "a" + "cuont = 'f'\n", "cuont")
        self.assert_refused("[[measurement]]\nname = 'a'\n", "suite")
        self.assert_refused("name = ", "suites.toml")
        self.assert_refused(ROW % "a" + "gate = true\nroot = true\n", "one CPU")

    def test_select(self):
        rows = suite.read(ROW % "a" + ROW % "b")
        self.assertEqual(suite.select(rows, []), rows)
        self.assertEqual([row.name for row in suite.select(rows, ["b"])], ["b"])
        self.assertEqual(suite.select(rows, ["receive"]), rows)
        with self.assertRaises(suite.SuiteError):
            suite.select(rows, ["recv"])


class OurTableTest(unittest.TestCase):
    """Over the programs themselves, which are this test's data."""

    def test_each_row_finds_one_case(self):
        for row in suite.read(suite.FILE.read_text()):
            binary = row.target.removeprefix("//").replace(":", "/")
            self.assertTrue(os.path.exists(binary), "%s is not this test's data" % row.target)
            listed = subprocess.run([binary, "--benchmark_list_tests"], check=True, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.split("\n")
            fits = [case for case in listed if re.search(row.filter, case)]
            self.assertEqual(len(fits), 1, "%s: %s of %s" % (row.name, fits, listed))
            if row.count:
                fixed = "/iterations:" in fits[0]
                self.assertTrue(fixed or row.per == "shred", "%s: how many it counts is not fixed" % row.name)


if __name__ == "__main__":
    unittest.main()
