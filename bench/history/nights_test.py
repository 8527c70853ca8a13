"""The history file: what is appended is read, whatever a crash or a newer version left in it."""

import pathlib
import tempfile
import unittest

from bench.history import made_up, nights


class NightsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "history.ndjson"
        self.history = made_up.history({"a/ns": [20.0, 21.0], "b/ndr": [1e6, 2e6]})

    def append_all(self):
        for night in self.history:
            nights.append(self.file, night)

    def test_what_is_appended_is_read_in_the_order_of_time(self):
        for night in reversed(self.history):
            nights.append(self.file, night)
        self.assertEqual(nights.read(self.file, "vm"), (self.history, []))
        self.assertEqual(len(self.file.read_text().splitlines()), 2)

    def test_machines_are_kept_apart(self):
        self.append_all()
        self.assertEqual(nights.read(self.file, "another"), ([], []))

    def test_a_line_that_a_crash_cut_off_costs_itself_alone(self):
        nights.append(self.file, self.history[0])
        whole = self.file.read_text()
        self.file.write_text(whole + whole[:40])
        nights.append(self.file, self.history[1])
        found, wrong = nights.read(self.file, "vm")
        self.assertEqual(found, self.history)
        self.assertEqual(len(wrong), 1)
        self.assertIn("history.ndjson:2", wrong[0])

    def test_keys_of_a_newer_version_are_ignored(self):
        self.append_all()
        self.file.write_text(self.file.read_text().replace('"machine"', '"fans": 3, "machine"'))
        self.assertEqual(nights.read(self.file, "vm"), (self.history, []))

    def test_what_is_no_figure_is_neither_written_nor_read(self):
        for series in ({"a/bananas": 1.0}, {"a/ns": "1"}, {"a/ns": float("nan")}, {"a/ns": -1.0}):
            with self.assertRaises(nights.HistoryError):
                nights.append(self.file, nights.Night("t", "c", "vm", series))
        self.assertFalse(self.file.exists())
        self.file.write_text('{"time": "t", "commit": "c", "machine": "vm", "series": {"a/x": 1}}\n[]\n\n')
        found, wrong = nights.read(self.file, "vm")
        self.assertEqual((found, len(wrong)), ([], 3))

    def test_a_trend_has_the_nights_that_have_it_if_the_last_does(self):
        history = made_up.history({"a/ns": [1.0, 2.0, 3.0], "b/ndr": [1.0, 2.0, 3.0]})
        del history[0].series["a/ns"], history[2].series["b/ndr"]
        (trend,) = nights.trends(history)
        self.assertEqual((trend.name, trend.values, trend.unit), ("a/ns", (2.0, 3.0), "ns"))
        self.assertEqual([trend.worse(1.1), trend.worse(0.9)], [True, False])


if __name__ == "__main__":
    unittest.main()
