"""The report in headless Chromium: what a reader sees, at two widths, in light and dark.

A copy of the page is given a script that measures it and leaves its findings in the document, which
Chromium prints; the page itself is loaded as it is, and Chromium must have nothing to complain about. No
network is needed, and none is there when Bazel runs it (tag block-network).

Arguments: the runner, then result files.
"""

import os
import re
import subprocess
import sys
import unittest

from sim.report.browser import READABLE, chromium, complaints, measured

RUNNER, RESULTS = sys.argv[1], sys.argv[2:]
FOLDER = os.environ["TEST_TMPDIR"]
PAGE = os.path.join(FOLDER, "report.html")


class Report(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        subprocess.run([RUNNER, "report", *RESULTS, "-o", PAGE], check=True)

    def assert_readable(self, found):
        self.assertEqual({what: found[what] for what in READABLE}, READABLE)
        self.assertGreater(found["drawings"], 5)
        self.assertGreater(found["texts"], 100)

    def test_light_and_wide(self):
        found = measured(PAGE, 1200, dark=False)
        self.assert_readable(found)
        self.assertFalse(found["dark"])
        self.assertGreater(found["ground"], 0.9)
        self.assertEqual(found["width"], 1200)

    def test_dark_and_narrow(self):
        found = measured(PAGE, 500, dark=True)
        self.assert_readable(found)
        self.assertTrue(found["dark"])
        self.assertLess(found["ground"], 0.1)
        self.assertEqual(found["width"], 500)

    def test_links_lead_somewhere_and_markup_stays_text(self):
        found = measured(PAGE, 1200, dark=False)
        self.assertEqual(found["loaded"], [])
        self.assertGreaterEqual(len(found["anchors"]), 4)
        self.assertTrue(all(found["anchors"]))
        self.assertEqual(found["scripts"], 1, "only the measuring one")
        self.assertEqual(found["bold"], 0, "a description's <b> is text")
        self.assertIn("first_light over veth PASS", found["headings"])
        self.assertIn("Loss by rate", found["headings"])

    def test_has_what_a_run_is_looked_at_for(self):
        """Of each kind one at least: of the paths, where frames went, loss, latency, history."""
        document, _ = chromium("file://" + PAGE, "--dump-dom")
        drawings = re.findall(r"<svg[^>]*><title>([^<]*)</title>", document)
        for kind in ("Where each frame went", "Loss by engine causes against the rate offered",
                     "Latency: which share of the datagrams was at most how old",
                     "lost by engine causes, ppm over the runs of stalled_consumer over veth"):
            self.assertTrue(any(title.startswith(kind) for title in drawings), (kind, drawings))
        self.assertIn("The paths side by side", document)
        self.assertIn("the machine beside udp", document)

    def test_chromium_has_nothing_to_complain_about(self):
        document, said = chromium("file://" + PAGE, "--dump-dom")
        self.assertIn("Penstock report", document)
        self.assertEqual(complaints(said), [])

    def test_the_policy_is_in_force(self):
        """The canary of the test above: what the policy forbids is heard of."""
        canary = os.path.join(FOLDER, "canary.html")
        with open(PAGE, encoding="utf-8") as file, open(canary, "w", encoding="utf-8") as out:
            out.write(file.read().replace("</body>", '<script>document.title = "ran"</script></body>'))
        document, said = chromium("file://" + canary, "--dump-dom")
        self.assertEqual(re.findall("<title>ran</title>", document), [])
        self.assertTrue(complaints(said), said)

    def test_a_screenshot(self):
        """For people: left with the test's outputs."""
        folder = os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR", FOLDER)
        picture = os.path.join(folder, "report.png")
        chromium("file://" + PAGE, "--hide-scrollbars", "--window-size=1100,2000", "--screenshot=" + picture)
        with open(picture, "rb") as file:
            self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
