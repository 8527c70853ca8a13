"""What is said of a night: once, of the right series, and not of the machine."""

import unittest

from bench.history import findings, made_up, nights, summary
from bench.targets import targets

TARGETS = targets.Targets("vm", most={"b/ns": 105})
STEADY = made_up.figures(1, 40, odd=0)
SLOWER = made_up.figures(2, 40, [(37, 1.06)], odd=0)
FASTER = made_up.figures(3, 40, [(37, 0.94)], odd=0)


def report(count=40, **series):
    history = made_up.history({name.replace("_", "/"): values[:count] for name, values in series.items()})
    return findings.look(history, TARGETS), history


class RegressionTest(unittest.TestCase):
    def test_a_regression_is_found_between_two_commits(self):
        found, history = report(a_ns=STEADY, b_ns=SLOWER)
        (finding,) = found.new_regressions
        self.assertEqual((finding.trend.name, finding.change.at), ("b/ns", 37))
        self.assertEqual((finding.last_good, finding.night), (history[36], history[37]))

    def test_it_is_new_once(self):
        seen = [len(report(count, a_ns=made_up.figures(2, 60, [(37, 1.06)], odd=0))[0].new_regressions)
                for count in range(30, 60)]
        self.assertEqual(sum(seen), 1)
        self.assertEqual(seen[40 - 30], 1)  # the third night

    def test_better_is_no_regression_and_for_rates_more_is_better(self):
        self.assertEqual(report(a_ns=FASTER, a_ndr=SLOWER)[0].new_regressions, [])
        self.assertEqual(len(report(a_ns=FASTER, a_ndr=SLOWER)[0].findings), 2)
        self.assertEqual(len(report(a_ndr=FASTER)[0].new_regressions), 1)

    def test_half_a_percent_of_instructions_is_one(self):
        self.assertEqual(len(report(a_instructions=[181.0] * 37 + [183.0] * 3)[0].new_regressions), 1)

    def test_a_night_later_the_same_values_do_not_make_it_new_again(self):
        self.assertEqual(len(report(count=39, a_ns=SLOWER)[0].new_regressions), 0)


class MachineTest(unittest.TestCase):
    def of(self, canary):
        return findings.look(made_up.history({"a/ns": SLOWER, nights.CANARY + "a/ns": canary}), TARGETS)

    def test_what_the_canary_does_too_is_the_machine(self):
        found = self.of(made_up.figures(4, 40, [(37, 1.05)], odd=0))
        self.assertEqual(found.new_regressions, [])
        ours = [finding for finding in found.findings if not finding.trend.is_canary]
        self.assertEqual([finding.machine for finding in ours], [True])

    def test_a_canary_that_sits_still_accuses_the_code(self):
        self.assertEqual(len(self.of(STEADY).new_regressions), 1)

    def test_a_canary_that_moved_elsewhere_or_otherwise_explains_nothing(self):
        for changes in ([(20, 1.05)], [(37, 0.95)]):
            found = self.of(made_up.figures(4, 40, changes, odd=0))
            self.assertEqual(len(found.new_regressions), 1, changes)


class SummaryTest(unittest.TestCase):
    def text(self, **series):
        found, history = report(**series)
        return summary.text(found, history, "page.html")

    def test_a_quiet_night(self):
        lines = self.text(a_ns=STEADY).splitlines()
        self.assertEqual(len(lines), 2)
        self.assertEqual(lines[-1], "0 new regressions, 0 suspects, 0 targets missed; page.html")

    def test_a_regression_comes_with_the_command_that_finds_its_commit(self):
        text = self.text(b_ns=SLOWER)
        self.assertIn("REGRESSION b/ns: +", text)
        self.assertIn("bisect --good 000002400 --bad 000002500 b", text)
        self.assertIn("target missed b/ns: ", text)

    def test_an_odd_last_night_is_a_suspect_if_it_is_worse(self):
        self.assertIn("suspect a/ns: +10", self.text(a_ns=[*STEADY[:39], 110.5]))
        self.assertIn("0 suspects", self.text(a_ns=[*STEADY[:39], 90.0]))

    def test_what_could_not_be_read_is_said(self):
        history = made_up.history({"a/ns": STEADY})
        found = findings.look(history, TARGETS, ["h:3: torn"])
        self.assertIn("unreadable h:3: torn", summary.text(found, history))


if __name__ == "__main__":
    unittest.main()
