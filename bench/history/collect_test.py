"""Series of what programs left: the shapes that bench/paths, the runner and the suites write."""

import json
import pathlib
import tempfile
import unittest

from bench.history import collect, nights


def way(name, delivered, cost):
    return {"way": name, "delivered_per_second": {"median": delivered}, "cost_ns": {"median": cost},
            "lost": {"median": 0}, "ndr": None, "pdr": None}


def age(name, share, p50=5, kept=True):
    return {"way": name, "share_of_ndr": share, "frames_per_second": 9, "kept_rate": kept,
            "age": {"count": 3, "p50": p50, "p99": 9}}


def limits(*ages):
    way_of = {"way": "udp/spin", "ndr": {"median": 7}, "pdr": {"median": 8}, "trials": 3}
    return {"couplings": [{"coupling": "ports", "ways": [way_of], "latency_ns": list(ages)}]}


def path(name, offered=1000, lost=None, ns=None, latency=None):
    return {"path": name, "offered": offered, "lost": lost or {}, "ns_per_packet": ns, "latency_ns": latency}


def result(verdict, *paths):
    return {"scenario": "burst", "verdict": verdict, "reason": "law 2", "paths": list(paths)}


class CollectTest(unittest.TestCase):
    def test_paths_have_figures_and_ratios_of_the_better_forms(self):
        found = collect.of_paths({"coupling": "coupled", "ways": [
            way("kernel_filter/spin", 1e6, 700), way("kernel_filter/block", 2e6, -5),
            way("udp/spin", 4e5, 10), way("udp/block", 5e5, 10), way("testpmd/spin", 1e6, 1)]})
        self.assertEqual(found["paths.coupled.kernel_filter.spin/delivered"], 1e6)
        self.assertEqual(found["paths.coupled.kernel_filter.block/ns"], 0)
        self.assertEqual(found["paths.coupled/ratio_to_udp"], 4)
        self.assertEqual(found["paths.coupled/ratio_to_testpmd"], 2)

    def test_without_the_peer_there_is_no_ratio(self):
        found = collect.of_paths({"coupling": "coupled", "ways": [way("kernel_filter/spin", 1e6, 700)]})
        self.assertEqual([name for name in found if "ratio" in name], [])

    def test_limits_have_rates_and_ages_where_the_rate_was_kept(self):
        found = collect.of_limits(limits(age("udp/spin", 0.1), age("udp/spin", 0.5, kept=False)))
        self.assertEqual(found, {"paths.ports.udp.spin/ndr": 7, "paths.ports.udp.spin/pdr": 8,
                                 "paths.ports.udp.spin.at_10/latency_p50": 5,
                                 "paths.ports.udp.spin.at_10/latency_p99": 9})

    def test_a_scenario_has_losses_costs_and_latencies_where_they_were_measured(self):
        found = collect.of_scenario(result("fail", path("udp", lost={"a": 10, "b": 5}),
                                           path("io_uring", ns=3, latency={"p50": 1, "p99": 2, "p999": 3}),
                                           path("kernel_filter", offered=0)))
        self.assertEqual(found, {"scenario.burst.udp/lost": 0.015, "scenario.burst.io_uring/lost": 0,
                                 "scenario.burst.io_uring/ns": 3, "scenario.burst.io_uring/latency_p50": 1,
                                 "scenario.burst.io_uring/latency_p99": 2})

    def test_an_invalid_run_has_none(self):
        self.assertEqual(collect.of_scenario(result("invalid", path("udp"))), {})

    def test_every_result_below_a_folder_counts(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, verdict in (("a", "pass"), ("b", "fail")):
                (pathlib.Path(folder) / name).mkdir()
                text = json.dumps(result(verdict, path(name)))
                (pathlib.Path(folder) / name / "result.json").write_text(text)
            found, bad = collect.scenarios(folder)
        self.assertEqual(sorted(found), ["scenario.burst.a/lost", "scenario.burst.b/lost"])
        self.assertEqual(bad, ["burst: fail: law 2"])

    def test_all_of_it_is_figures_of_a_history(self):
        ways = [way("kernel_filter/spin", 1, 1), way("udp/spin", 1, 1)]
        found = collect.of_paths({"coupling": "c", "ways": ways})
        found |= collect.of_limits(limits(age("udp/spin", 0.9)))
        found |= collect.of_scenario(result("pass", path("a", ns=1, latency={"p50": 1, "p99": 2})))
        found |= collect.of_suites({"series": {"a/ns": 1}}, nights.CANARY)
        self.assertEqual([name for name in found if nights.figure_of(name) not in nights.FIGURES], [])


if __name__ == "__main__":
    unittest.main()
