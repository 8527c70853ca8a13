"""The nightly page in headless Chromium: what a reader sees of a made-up history, at two widths, in light and
dark. No network is needed, and none is there when Bazel runs it (tag block-network)."""

import os
import re
import unittest

from bench.history import findings, made_up, page
from bench.targets import targets
from sim.report.browser import FOLDER, READABLE, chromium, complaints, measured

PAGE = os.path.join(FOLDER, "index.html")
TARGETS = targets.Targets("vm", most={"net_tile.kernel_filter/ns": 110})
SERIES = {"net_tile.kernel_filter/ns": made_up.figures(1, 60, [(30, 0.94), (57, 1.06)], odd=0),
          "net_tile.kernel_filter/allocations": [0.0] * 60,
          "canary.net_tile.kernel_filter/ns": made_up.figures(3, 60),
          "paths.ports.kernel_filter.spin/ndr": [value * 2e4 for value in made_up.figures(4, 60)],
          "paths.ports.kernel_filter.spin.at_90/latency_p99": made_up.figures(5, 60, noise=0.05)}


class NightlyPage(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        history = made_up.history(SERIES)
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(page.page(findings.look(history, TARGETS, ["<b>:1"]), history, TARGETS))

    def assert_readable(self, found):
        self.assertEqual({what: found[what] for what in READABLE}, READABLE)
        self.assertEqual(found["drawings"], len(SERIES))
        self.assertGreater(found["texts"], 40)

    def test_light_and_wide(self):
        found = measured(PAGE, 1200, dark=False)
        self.assert_readable(found)
        self.assertEqual((found["dark"], found["width"]), (False, 1200))
        self.assertGreater(found["ground"], 0.9)

    def test_dark_and_narrow(self):
        found = measured(PAGE, 500, dark=True)
        self.assert_readable(found)
        self.assertEqual((found["dark"], found["width"]), (True, 500))
        self.assertLess(found["ground"], 0.1)

    def test_links_lead_somewhere_nothing_is_loaded_and_markup_stays_text(self):
        found = measured(PAGE, 1200, dark=False)
        self.assertEqual(found["loaded"], [])
        self.assertGreaterEqual(len(found["anchors"]), 2, "the regression and the improvement")
        self.assertTrue(all(found["anchors"]))
        self.assertEqual((found["scripts"], found["bold"]), (1, 0), "only the measuring one; <b> is text")

    def test_a_point_says_its_value_and_commit(self):
        document, said = chromium("file://" + PAGE, "--dump-dom")
        self.assertEqual(complaints(said), [])
        titles = re.findall(r"<circle[^>]*><title>([^<]*)</title>", document)
        self.assertEqual(len(titles), 60 * len(SERIES))
        self.assertTrue(all(re.search("[0-9a-f]{7}", title) for title in titles), titles[:3])

    def test_a_screenshot(self):
        """For people: left with the test's outputs."""
        picture = os.path.join(os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR", FOLDER), "nights.png")
        chromium("file://" + PAGE, "--hide-scrollbars", "--window-size=1200,1600", "--screenshot=" + picture)
        with open(picture, "rb") as file:
            self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")


if __name__ == "__main__":
    unittest.main()
