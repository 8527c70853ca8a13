"""Bisection in a made-up repository: the first bad commit, commits that do not build, the tree afterwards."""

import pathlib
import tempfile
import unittest

from bench.history import bisection
from bench.history.bisection import Judgement
from bench.paired import versions
from bench.suites import suite


class BisectionTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commits = []
        for number in range(20):
            self.git("commit", "--quiet", "--allow-empty", "-m", "number %d" % number)
            self.commits.append(self.git("rev-parse", "HEAD"))
        self.judged = []

    def git(self, *arguments):
        return versions.git(self.root, "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments)

    def first_bad(self, at, skipped=()):
        def judge(commit):
            number = self.commits.index(commit)
            self.judged.append(number)
            if number in skipped:
                return Judgement.SKIP
            return Judgement.BAD if number >= at else Judgement.GOOD
        found = bisection.first_bad(self.root, self.commits[0], self.commits[-1], judge, lambda line: None)
        return self.commits.index(found)

    def test_the_first_bad_commit_is_found_in_few_steps(self):
        for at in (1, 7, 12, 19):
            self.judged.clear()
            self.assertEqual(self.first_bad(at), at)
            self.assertLessEqual(len(self.judged), 5)

    def test_commits_that_do_not_build_are_gone_round(self):
        self.assertEqual(self.first_bad(12, skipped=(9, 10)), 12)

    def test_where_they_hide_it_that_is_said(self):
        with self.assertRaises(suite.SuiteError) as caught:
            self.first_bad(12, skipped=(10, 11))
        self.assertIn("skip'ped commits left", str(caught.exception))

    def test_the_tree_is_left_as_it_was(self):
        self.first_bad(5)
        self.assertEqual(self.git("rev-parse", "--abbrev-ref", "HEAD"), "main")
        self.assertEqual(self.git("status", "--porcelain"), "")
        self.assertFalse((self.root / ".git/BISECT_START").exists())


if __name__ == "__main__":
    unittest.main()
