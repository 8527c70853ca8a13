"""ci/summary.py over event files written by hand: each way to go wrong must show in the closing line."""

import contextlib
import io
import json
import pathlib
import tempfile
import unittest

import summary


class SummaryTest(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.events = []

    def configure(self, label, tags=()):
        configured = {"targetKind": "cc_test rule", "testSize": "SMALL", "tag": list(tags)}
        self.events.append({"id": {"targetConfigured": {"label": label}}, "configured": configured})

    def complete(self, label, **outcome):
        self.events.append({"id": {"targetCompleted": {"label": label}}} | outcome)

    def skip_target(self, label, tags=()):
        self.configure(label, tags)
        self.complete(label, aborted={"reason": "SKIPPED"})

    def result(self, label, cases, status="PASSED", tags=()):
        """One built and run target; `cases` is XML."""
        self.configure(label, tags)
        self.complete(label, completed={"success": True})
        self.shard(label, cases, status)

    def shard(self, label, cases, status="PASSED"):
        xml = self.dir / ("%d.xml" % len(self.events))
        xml.write_text("<testsuites><testsuite>%s</testsuite></testsuites>" % cases)
        self.events.append({"id": {"testResult": {"label": label}},
                            "testResult": {"status": status,
                                           "testActionOutput": [{"name": "test.log", "uri": "file:///none"},
                                                                {"name": "test.xml", "uri": xml.as_uri()}]}})

    def write(self, name):
        """Writes the events so far as Bazel would at its end."""
        path = self.dir / name
        finished = {"id": {"buildFinished": {}}, "finished": {}}
        path.write_text("".join(json.dumps(event) + "\n" for event in [*self.events, finished]))
        return path

    def close(self, *options, exit_code=0, name="tests"):
        """Runs the summary; returns its output's lines and its exit code."""
        path = self.write("events.json")
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = summary.main(["--run", name, str(path), str(exit_code), *options])
        return output.getvalue().splitlines(), code

    def test_counts_cases_over_targets(self):
        self.result("//a:a", '<testcase name="x"/><testcase name="y"/>')
        self.result("//b:b", '<testcase name="z"/>')
        lines, code = self.close()
        self.assertEqual(lines[-1], "3 passed, 0 failed, 0 skipped")
        self.assertEqual(code, 0)

    def test_a_failing_case_fails_and_is_named(self):
        self.result("//a:a", '<testcase name="x"/><testcase name="y"><failure/></testcase>', "FAILED")
        lines, code = self.close(exit_code=3)
        self.assertIn("tests: failed: //a:a y", lines)
        self.assertEqual((lines[-1], code), ("1 passed, 1 failed, 0 skipped", 1))

    def test_an_error_is_a_failure(self):
        self.result("//a:a", '<testcase name="x"><error message="exit code 1"/></testcase>', "FAILED")
        self.assertEqual(self.close(exit_code=3)[0][-1], "0 passed, 1 failed, 0 skipped")

    def test_a_crash_after_passing_cases_is_a_failure(self):
        self.result("//a:a", '<testcase name="x"/>', "FAILED")
        self.assertEqual(self.close(exit_code=3)[0][-1], "1 passed, 1 failed, 0 skipped")

    def test_a_time_out_without_xml_is_a_failure(self):
        self.result("//a:a", "", "TIMEOUT")
        lines, code = self.close(exit_code=3)
        self.assertIn("tests: failed: //a:a: TIMEOUT", lines)
        self.assertEqual((lines[-1], code), ("0 passed, 1 failed, 0 skipped", 1))

    def second_run(self, *results):
        """Writes the events of a second run; returns the options that name it."""
        first, self.events = self.events, []
        for label, cases, status in results:
            self.result(label, cases, status, ["requires_root"])
        path = self.write("second.json")
        self.events = first
        return "--second", "tests", str(path)

    def test_what_passes_alone_in_a_second_run_is_flaky_and_named(self):
        self.result("//a:a", '<testcase name="x"/><testcase name="y"><failure/></testcase>', "FAILED",
                    ["requires_root"])
        self.result("//b:b", '<testcase name="z"/>')
        second = self.second_run(("//a:a", '<testcase name="x"/><testcase name="y"/>', "PASSED"))
        lines, code = self.close(*second, "--min-run", "requires_root=2", exit_code=3)
        self.assertIn("tests: flaky: //a:a failed at first, passed when run again alone", lines)
        self.assertEqual((lines[-1], code), ("3 passed, 0 failed, 0 skipped", 0))

    def test_what_fails_twice_fails(self):
        failed = ("//a:a", '<testcase name="y"><failure/></testcase>', "FAILED")
        self.result(*failed, ["requires_root"])
        lines, code = self.close(*self.second_run(failed), exit_code=3)
        self.assertEqual((lines[-1], code), ("0 passed, 1 failed, 0 skipped", 1))

    def test_a_second_run_excuses_no_other_failure(self):
        self.result("//a:a", '<testcase name="y"><failure/></testcase>', "FAILED", ["requires_root"])
        self.result("//b:b", '<testcase name="z"><failure/></testcase>', "FAILED")
        second = self.second_run(("//a:a", '<testcase name="y"/>', "PASSED"))
        lines, code = self.close(*second, exit_code=3)
        self.assertIn("tests: failed: //b:b z", lines)
        self.assertEqual((lines[-1], code), ("1 passed, 1 failed, 0 skipped", 1))

    def test_lists_what_is_worth_a_second_run(self):
        self.result("//a:a", "", "FAILED", ["requires_root"])
        self.result("//b:b", "", "FAILED")
        self.result("//c:c", '<testcase name="z"/>', "PASSED", ["requires_root"])
        path = self.write("events.json")
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            summary.main(["--failed-with", "requires_root", str(path)])
        self.assertEqual(output.getvalue(), "//a:a\n")

    def test_passing_without_a_case_is_a_failure(self):
        self.result("//a:a", "")
        self.assertEqual(self.close()[0][-1], "0 passed, 1 failed, 0 skipped")

    def test_one_empty_shard_among_full_ones_is_fine(self):
        self.result("//a:a", '<testcase name="x"/>')
        self.shard("//a:a", "")
        self.assertEqual(self.close()[0][-1], "1 passed, 0 failed, 0 skipped")

    def test_skips_at_run_time_are_counted_with_their_reason(self):
        self.result("//a:a", '<testcase name="x"><skipped message="a.cc:1&#10;no fixture"/></testcase>')
        lines, code = self.close()
        self.assertIn("tests: skipped: //a:a x: no fixture", lines)
        self.assertEqual((lines[-1], code), ("0 passed, 0 failed, 1 skipped", 0))

    def test_a_disabled_case_is_a_skip(self):
        self.result("//a:a", '<testcase name="x" status="notrun"/>')
        self.assertEqual(self.close()[0][-1], "0 passed, 0 failed, 1 skipped")

    def test_an_incompatible_target_is_a_skip(self):
        self.skip_target("//a:a", ["requires_root"])
        self.assertEqual(self.close()[0][-1], "0 passed, 0 failed, 1 skipped")

    def test_an_incompatible_library_is_nothing(self):
        self.complete("//a:library", aborted={"reason": "SKIPPED"})
        self.assertEqual(self.close()[0][-1], "0 passed, 0 failed, 0 skipped")

    def test_forbidden_skips_fail_for_targets_and_for_cases(self):
        self.skip_target("//a:a", ["requires_root"])
        self.result("//b:b", '<testcase name="x"><skipped/></testcase>', tags=["requires_root"])
        self.skip_target("//c:c")
        lines, code = self.close("--forbid-skips", "requires_root")
        self.assertEqual((lines[-1], code), ("0 passed, 2 failed, 3 skipped", 1))

    def test_a_forbidden_skip_may_be_allowed_by_another_tag(self):
        self.skip_target("//a:a", ["requires_root", "needs_fixtures"])
        lines, code = self.close("--forbid-skips", "requires_root", "--allow-skips", "needs_fixtures")
        self.assertEqual((lines[-1], code), ("0 passed, 0 failed, 1 skipped", 0))

    def test_targets_left_out_are_told_but_not_counted(self):
        self.skip_target("//a:a", ["requires_root"])
        self.result("//b:b", '<testcase name="x"/>')
        lines, _ = self.close("--left-out", "sanitizers:requires_root", "--forbid-skips", "requires_root",
                              name="sanitizers")
        self.assertIn("1 targets tagged requires_root are left out", "\n".join(lines))
        self.assertEqual(lines[-1], "1 passed, 0 failed, 0 skipped")

    def test_what_one_run_leaves_out_counts_in_another(self):
        self.skip_target("//a:a", ["requires_root"])
        self.assertEqual(self.close("--left-out", "sanitizers:requires_root")[0][-1],
                         "0 passed, 0 failed, 1 skipped")

    def test_too_few_cases_of_a_tag_fail(self):
        self.result("//a:a", '<testcase name="x"/>', tags=["requires_root"])
        self.assertEqual(self.close("--min-run", "requires_root=1")[1], 0)
        self.assertEqual(self.close("--min-run", "requires_root=2")[0][-1], "1 passed, 1 failed, 0 skipped")

    def test_a_target_that_does_not_build_is_a_failure(self):
        self.configure("//a:a")
        self.complete("//a:a", aborted={"reason": "UNKNOWN"})
        self.complete("//a:library", completed={})
        self.assertEqual(self.close(exit_code=1)[0][-1], "0 passed, 2 failed, 0 skipped")

    def test_an_exit_code_alone_is_a_failure(self):
        self.assertEqual(self.close(exit_code=1)[0][-1], "0 passed, 1 failed, 0 skipped")

    def test_a_missing_or_broken_event_file_never_passes(self):
        (self.dir / "broken").write_text('{"id": ')
        (self.dir / "cut").write_text('{"id": {"started": {}}}\n')
        for path in ("broken", "cut", "missing"):
            with contextlib.redirect_stdout(io.StringIO()) as output:
                code = summary.main(["--run", "tests", str(self.dir / path), "0"])
            self.assertEqual((output.getvalue().splitlines()[-1], code), ("0 passed, 1 failed, 0 skipped", 1))

    def test_steps_count_one_each(self):
        self.result("//a:a", '<testcase name="x"/>')
        self.assertEqual(self.close("--step", "clang-tidy", "0")[0][-1], "2 passed, 0 failed, 0 skipped")
        self.assertEqual(self.close("--step", "clang-tidy", "2")[0][-1], "1 passed, 1 failed, 0 skipped")


if __name__ == "__main__":
    unittest.main()
