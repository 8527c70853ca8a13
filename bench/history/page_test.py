"""The nightly page: well-formed, self-contained, with every night's values and every change."""

import html.parser
import re
import unittest
import xml.etree.ElementTree as ET

from bench.history import findings, made_up, page
from bench.targets import targets

TARGETS = targets.Targets("vm", most={"a.tile/ns": 110, "a.far/ns": 5000})
SERIES = {"a.tile/ns": made_up.figures(1, 60, [(30, 0.94), (57, 1.06)], odd=0),
          "a.far/ns": made_up.figures(2, 60),
          "a.tile/allocations": [0.0] * 60,
          "canary.a.tile/ns": made_up.figures(3, 60),
          "paths.<udp>/ndr": [value * 1e4 for value in made_up.figures(4, 60, odd=0)[:59]] + [1.2e6]}


def made(series=None, unreadable=()):
    history = made_up.history(series or SERIES)
    return page.page(findings.look(history, TARGETS, unreadable), history, TARGETS)


class Balance(html.parser.HTMLParser):
    """Collects what is not closed or not open, all ids and all links."""

    VOID = {"meta", "circle", "path"}

    def __init__(self, text):
        super().__init__()
        self.open, self.wrong, self.ids, self.links = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name in ("href", "src")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)


class PageTest(unittest.TestCase):
    def test_it_is_well_formed_and_loads_nothing(self):
        text = made(unreadable=["<h>:1"])
        seen = Balance(text)
        self.assertEqual((seen.wrong, seen.open), ([], []))
        self.assertEqual(len(seen.ids), len(set(seen.ids)))
        for link in seen.links:
            self.assertRegex(link, "^(#|night-[0-9]+/$)")
            self.assertTrue(link[0] != "#" or link[1:] in seen.ids, link)
        self.assertNotIn("<script", text)
        self.assertNotIn("<udp>", text)
        self.assertNotIn("<h>", text)

    def test_each_drawing_has_a_point_a_night_that_says_value_and_commit(self):
        drawings = re.findall("<svg.*?</svg>", made(), re.DOTALL)
        self.assertEqual(len(drawings), len(SERIES))
        for drawing in drawings:
            circles = [each for each in ET.fromstring(drawing).iter("circle")]
            self.assertEqual(len(circles), 60)
            self.assertRegex(circles[7].find("title").text, "commit 000000700, 2026-01-08T")

    def test_everything_is_drawn_inside(self):
        for drawing in re.findall("<svg.*?</svg>", made(), re.DOTALL):
            for circle in ET.fromstring(drawing).iter("circle"):
                self.assertTrue(page.LEFT <= float(circle.get("cx")) <= page.WIDTH - page.RIGHT)
                self.assertTrue(page.TOP <= float(circle.get("cy")) <= page.HEIGHT - page.BOTTOM)

    def test_groups_have_means_and_changes_have_marks(self):
        drawing = re.search('<figure id="a-tile-ns">.*?</figure>', made(), re.DOTALL).group()
        self.assertEqual(drawing.count('class="mean"'), 3)
        self.assertEqual((drawing.count('class="bad"'), drawing.count('class="good"')), (1, 1))
        self.assertEqual(drawing.count('class="bound"'), 1)

    def test_a_target_that_is_far_away_is_said_but_not_drawn(self):
        drawing = re.search('<figure id="a-far-ns">.*?</figure>', made(), re.DOTALL).group()
        self.assertNotIn('class="bound"', drawing)
        self.assertIn("target &lt;= 5000", drawing)

    def test_the_new_regression_is_above_the_earlier_change(self):
        text = made()
        new, earlier = text.index("New last night"), text.index("Earlier changes")
        self.assertTrue(new < text.index("WORSE") < earlier < text.index("better</span>"))
        self.assertIn("New regressions: 1.", text)
        self.assertIn("Suspects: odd last night", text)

    def test_one_night_is_a_page_too(self):
        text = made({"a/ns": [20.0]})
        self.assertEqual(Balance(text).wrong, [])
        self.assertIn("New last night: none.", text)


if __name__ == "__main__":
    unittest.main()
