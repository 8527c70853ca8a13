"""A page in headless Chromium, for tests: what a reader sees of it.

A copy of the page is given a script that measures it and leaves its findings in the document, which Chromium
prints. No network is needed.
"""

import base64
import json
import os
import re
import subprocess

FOLDER = os.environ["TEST_TMPDIR"]
READABLE = {"outside": [], "overlapping": [], "pale": [], "sideways": 0}  # of what measured() gives

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
  const within = Array.from(document.querySelectorAll("a")).filter(function (a) { return a.hash; });
  found.anchors = within.map(function (a) {
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


def complaints(said):
    """The lines of what chromium() heard that are about a page, and not about Chromium's own pages, which on
    a busy machine find their fonts late."""
    return [line for line in said.splitlines() if "CONSOLE" in line and "source: chrome://" not in line]


def measured(page, width, dark):
    """What MEASURE found of the page, a file, in a window of that width."""
    with open(page, encoding="utf-8") as file:
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
