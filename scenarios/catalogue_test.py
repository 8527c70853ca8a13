"""docs/catalogue.md lists every scenario file with its question and an answer; and how answers are worded."""

import unittest

import catalogue


def a_path(name="kernel_filter", **changes):
    path = {"path": name, "offered": 1001, "delivered": 900, "seconds": 0.5, "lost": {}, "shreds": None}
    return {**path, **changes}


def a_result(*paths, verdict="pass", reason=""):
    return {"scenario": "s[queues=1]", "verdict": verdict, "reason": reason, "paths": list(paths),
            "checks": [{"name": "c", "pass": True, "detail": "said so"},
                       {"name": "d", "pass": None, "detail": ""}]}


class Page(unittest.TestCase):
    maxDiff = None

    def test_lists_every_file_with_its_question_and_an_answer(self):
        with open(catalogue.PAGE, encoding="utf-8") as file:
            page = file.read()
        answers = {name: answer for name, (_, _, answer) in catalogue.listed(page).items()}
        files = catalogue.scenario_files()
        self.assertEqual(page, catalogue.page_of(page, files, answers), "run scenarios/catalogue.py")
        for scenarios in files.values():
            for name in scenarios:
                self.assertTrue(answers.get(name), "%s has no answer" % name)
                self.assertTrue(answers[name].startswith("Yes"), "%s: %s" % (name, answers[name]))

    def test_has_what_a_receiver_engineer_asks_for(self):
        files = catalogue.scenario_files()
        self.assertEqual(list(files), list(catalogue.FOLDERS), "a folder without scenarios")
        self.assertGreaterEqual(sum(len(scenarios) for scenarios in files.values()), 25)

    def test_a_file_has_its_scenarios_name(self):
        for scenarios in catalogue.scenario_files().values():
            for name, (path, _) in scenarios.items():
                self.assertTrue(path.endswith("/%s.toml" % name), path)


class Answer(unittest.TestCase):
    def test_of_paths_that_agree(self):
        self.assertEqual(
            catalogue.answer_of([a_result(a_path(), a_path("userspace_filter"))]),
            "Yes (1 check, both filters): 1,001 frames at 2,000 a second; "
            "delivered: 900; nothing lost")

    def test_of_paths_that_differ(self):
        sets = {"sets": {"complete": 1, "recovered": 2, "incomplete": 3}}
        answer = catalogue.answer_of([
            a_result(a_path(shreds=sets), a_path("udp", delivered=1, lost={"b": 0, "a": 1200}, shreds=sets))])
        self.assertTrue(answer.endswith("delivered: kernel_filter 900; udp 1; lost: udp 1,200 a; "
                                        "sets: 1 complete, 2 rebuilt, 3 incomplete"), answer)

    def test_of_latency(self):
        answer = catalogue.answer_of([
            a_result(a_path(latency_ns={"p50": 20_991}), a_path("udp", latency_ns=None))])
        self.assertTrue(answer.endswith("nothing lost; median age in microseconds: kernel_filter 21"), answer)

    def test_of_cpu_time(self):
        answer = catalogue.answer_of([
            a_result(a_path(ns_per_packet=3_149.6), a_path("udp", ns_per_packet=None))])
        self.assertTrue(answer.endswith("CPU time a frame in microseconds: kernel_filter 3.1"), answer)

    def test_of_many_cases(self):
        self.assertTrue(catalogue.answer_of([a_result(a_path())] * 3).startswith("Yes (3 cases, 3 checks, "))

    def test_of_a_refusal(self):
        self.assertEqual(catalogue.answer_of([a_result()]), "Yes (1 check): said so")

    def test_of_one_that_did_not_pass(self):
        bad = a_result(a_path(), verdict="fail", reason="3 more")
        self.assertEqual(catalogue.answer_of([a_result(a_path()), bad]), "**fail**: 3 more")


if __name__ == "__main__":
    unittest.main()
