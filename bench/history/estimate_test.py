"""How long a night is said to take."""

import pathlib
import tempfile
import types
import unittest

from bench.history import estimate
from bench.suites import suite


def plan(**options):
    row = suite.Measurement("tile", "s", "//a:b", "a", "packet", count="f", gate=True)
    return types.SimpleNamespace(**{
        "scenarios": ["a", "b"], "measurements": [row], "runs": 5, "counts": True, "canary": None,
        "path_couplings": ("ports", "coupled"), "parts": ("scenarios", "suites", "paths"),
        "folder": pathlib.Path("/nowhere")} | options)


class EstimateTest(unittest.TestCase):
    def test_what_the_parts_are_made_of(self):
        found = estimate.by_parts(plan())
        self.assertEqual(found, {"scenarios": 60, "suites": 15, "paths": 1780})
        self.assertGreater(estimate.by_parts(plan(canary="c"))["suites"], found["suites"])
        self.assertLess(estimate.by_parts(plan(counts=False))["suites"], found["suites"])
        self.assertEqual(list(estimate.by_parts(plan(parts=("suites",)))), ["suites"])
        self.assertEqual(estimate.sentence(plan()),
                         "about 31 min: scenarios 1 min, suites 1 min, paths 30 min")

    def test_what_it_took_last_time_is_believed(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for night, took in (("1", '{"paths": 60, "suites": 180}'), ("2", '{"paths": 600}'), ("3", "{")):
                (folder / night).mkdir()
                (folder / night / estimate.TOOK).write_text(took)
            self.assertEqual(estimate.last_time(folder), {"paths": 600, "suites": 180})
            self.assertEqual(estimate.sentence(plan(folder=folder, parts=("suites", "paths"))),
                             "about 13 min: suites 3 min, paths 10 min")


if __name__ == "__main__":
    unittest.main()
