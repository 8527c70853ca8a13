"""The report in headless Chromium: what a reader sees, at two widths, in light and dark.

A copy of the page is given a script that measures it and leaves its findings in the document, which
Chromium prints; the page itself is loaded as it is, and Chromium must have nothing to complain about. No
network is needed, and none is there when Bazel runs it (tag block-network).

Arguments: the runner, then result files.
"""

import base64
import json
import os
import re
import subprocess
import sys
import unittest

RUNNER, RESULTS = sys.argv[1], sys.argv[2:]
FOLDER = os.environ["TEST_TMPDIR"]
PAGE = os.path.join(FOLDER, "report.html")

# Finds: sideways scrolling, text outside its drawing, labels of a flow on top of each other, text too pale to
# read (WCAG's contrast of 4.5), and whatever the page loaded.
MEASURE = """
<script>
function luminance(color) {
  const parts = color.match(/[0-9.]+/g).slice(0, 3).map(function (part) {
    const c = part / 255;
    return c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
  });
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}
function contrast(a, b) {
  const l = [luminance(a), luminance(b)].sort(function (x, y) { return y - x; });
  return (l[0] + 0.05) / (l[1] + 0.05);
}
function boxes(svg) {
  return Array.from(svg.querySelectorAll("text")).map(function (text) {
    const box = text.getBBox();
    return {text: text.textContent, x: box.x, y: box.y, right: box.x + box.width,
            bottom: box.y + box.height};
  });
}
addEventListener("load", function () {
  const found = {outside: [], overlapping: [], pale: [], drawings: 0, texts: 0};
  for (const svg of document.querySelectorAll("svg")) {
    const view = svg.viewBox.baseVal, all = boxes(svg);
    found.drawings += 1;
    for (const box of all) {
      if (box.x < 0 || box.y < 0 || box.right > view.width || box.bottom > view.height)
        found.outside.push(box);
    }
    for (let i = 0; i < all.length; ++i) {
      for (let k = 0; k < i; ++k) {
        const a = all[i], b = all[k];
        if (a.x < b.right && b.x < a.right && a.y + 3 < b.bottom && b.y + 3 < a.bottom)
          found.overlapping.push([a, b]);
      }
    }
  }
  const ground = getComputedStyle(document.body).backgroundColor;
  const worded = "h1, h2, h2 small, h3, p, a, th, td, caption, summary, .badge, text";
  for (const one of document.querySelectorAll(worded)) {
    const style = getComputedStyle(one), color = one.tagName == "text" ? style.fill : style.color;
    found.texts += 1;
    if (contrast(color, ground) < 4.5) found.pale.push([one.tagName, one.className, color, ground]);
  }
  found.dark = matchMedia("(prefers-color-scheme: dark)").matches;
  found.ground = luminance(ground);
  found.width = innerWidth;
  found.sideways = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  found.loaded = performance.getEntriesByType("resource").map(function (entry) { return entry.name; });
  found.anchors = Array.from(document.querySelectorAll("a")).map(function (a) {
    return document.getElementById(decodeURIComponent(a.hash.slice(1))) != null;
  });
  found.headings = Array.from(document.querySelectorAll("h2")).map(function (h) { return h.textContent; });
  found.scripts = document.querySelectorAll("script").length;
  found.bold = document.querySelectorAll("b").length;
  const out = document.createElement("pre");
  out.id = "found";
  out.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(found))));
  document.body.append(out);
});
</script>
"""


def chromium(url, *flags):
    """What Chromium prints of the document behind `url`, and what it complains about."""
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--enable-logging=stderr", "--log-level=0",
         "--user-data-dir=" + os.path.join(FOLDER, "profile"), *flags, url],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=240, check=False,
        env={"HOME": FOLDER, "PATH": "/usr/bin:/bin", "XDG_CONFIG_HOME": FOLDER, "XDG_CACHE_HOME": FOLDER})
    if done.returncode != 0:
        raise AssertionError("chromium ended with %d:\n%s" % (done.returncode, done.stderr))
    return done.stdout, done.stderr


def measured(width, dark):
    """What MEASURE found in a window of that width."""
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    text, dropped = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    assert dropped == 1, "the page has no policy"
    copy = os.path.join(FOLDER, "measured.html")
    with open(copy, "w", encoding="utf-8") as file:
        file.write(text.replace("</body>", MEASURE + "</body>"))
    flags = ["--dump-dom", "--window-size=%d,1000" % width]
    if dark:
        flags.append("--blink-settings=preferredColorScheme=0")
    document, _ = chromium("file://" + copy, *flags)
    found = re.search(r'<pre id="found">([^<]*)</pre>', document)
    assert found, "the measuring script has not run:\n" + document[-2000:]
    return json.loads(base64.b64decode(found.group(1)))


class Report(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        subprocess.run([RUNNER, "report", *RESULTS, "-o", PAGE], check=True)

    def assert_readable(self, found):
        self.assertEqual(found["outside"], [])
        self.assertEqual(found["overlapping"], [])
        self.assertEqual(found["pale"], [])
        self.assertEqual(found["sideways"], 0)
        self.assertGreater(found["drawings"], 5)
        self.assertGreater(found["texts"], 100)

    def test_light_and_wide(self):
        found = measured(1200, dark=False)
        self.assert_readable(found)
        self.assertFalse(found["dark"])
        self.assertGreater(found["ground"], 0.9)
        self.assertEqual(found["width"], 1200)

    def test_dark_and_narrow(self):
        found = measured(500, dark=True)
        self.assert_readable(found)
        self.assertTrue(found["dark"])
        self.assertLess(found["ground"], 0.1)
        self.assertEqual(found["width"], 500)

    def test_links_lead_somewhere_and_markup_stays_text(self):
        found = measured(1200, dark=False)
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
        complaints = [line for line in said.splitlines() if "CONSOLE" in line]
        self.assertEqual(complaints, [])

    def test_the_policy_is_in_force(self):
        """The canary of the test above: what the policy forbids is heard of."""
        canary = os.path.join(FOLDER, "canary.html")
        with open(PAGE, encoding="utf-8") as file, open(canary, "w", encoding="utf-8") as out:
            out.write(file.read().replace("</body>", '<script>document.title = "ran"</script></body>'))
        document, said = chromium("file://" + canary, "--dump-dom")
        self.assertNotIn("<title>ran</title>", document)
        self.assertIn("CONSOLE", said)

    def test_a_screenshot(self):
        """For people: left with the test's outputs."""
        folder = os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR", FOLDER)
        picture = os.path.join(folder, "report.png")
        chromium("file://" + PAGE, "--hide-scrollbars", "--window-size=1100,2000", "--screenshot=" + picture)
        with open(picture, "rb") as file:
            self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
