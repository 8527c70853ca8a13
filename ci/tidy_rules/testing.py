"""A temporary tree for one tidy rule, so that each rule is seen to fail and to pass."""

import pathlib
import tempfile
import unittest

from tidy_rules import tree


class RuleTest(unittest.TestCase):
    def findings(self, rule, files, executable=()):
        """What `rule` says about a tree of these files ({path: text}), one string a finding."""
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                file = pathlib.Path(folder) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(text if isinstance(text, bytes) else text.encode())
                file.chmod(0o755 if path in executable else 0o644)
            return [str(problem) for problem in rule(tree.Tree(folder))]

    def assert_finds(self, rule, files, *expected, **options):
        """Each finding begins with the place that is expected, and there are no others."""
        found = self.findings(rule, files, **options)
        self.assertEqual(len(found), len(expected), found)
        for finding, start in zip(found, expected):
            self.assertTrue(finding.startswith(start), "%s does not begin with %s" % (finding, start))

    def assert_clean(self, rule, files, **options):
        self.assertEqual(self.findings(rule, files, **options), [])
