"""Nights with made-up programs: what is recorded, what fails, what is found. No privilege, no benchmark."""

import json
import pathlib
import tempfile
import unittest

from bench.history import made_up, night, nights
from bench.suites import suite

# Of a scenario that passes; a file called bad.toml fails without a result.
RUNNER = r"""#!/bin/bash
[[ $* != *bad.toml* ]] || { echo "the lab lacks queues" >&2; exit 2; }
while [[ $1 != --out ]]; do shift; done
mkdir -p "$2"
echo '{"scenario": "s", "verdict": "pass", "reason": "", "paths": [
  {"path": "udp", "offered": 100, "lost": {"x": 2}, "ns_per_packet": null, "latency_ns": null}]}' \
  >"$2/result.json"
"""
# With --limits, or without; over a lab's ports it fails when it is not given the lab.
PATHS = """#!/bin/bash
[[ $* == *"--coupling coupled"* || $* == *"--lab "*lab.toml* ]] || exit 4
if [[ $* == *--limits* ]]; then limits=yes; fi
while [[ $1 != --json ]]; do shift; done
[[ -z ${limits:-} ]] || { echo '{"couplings": [{"coupling": "coupled", "latency_ns": [],
  "ways": [{"way": "udp/spin", "ndr": {"median": 3}, "pdr": {"median": 4}}]}]}' >"$2"; exit; }
echo '{"coupling": "coupled", "ways": [{"way": "udp/spin", "delivered_per_second": {"median": 5},
  "cost_ns": {"median": 7}, "ndr": null, "pdr": null}]}' >"$2"
"""
BENCHMARK = """#!/bin/bash
echo '{"benchmarks": [{"name": "a", "iterations": 1, "real_time": 1, "cpu_time": 1, "time_unit": "ns",
  "p50_ns": %g}]}'
"""
ROW = suite.Measurement("tile", "s", "//a:tile_bench", "a", "packet", value="p50_ns", gate=True)
DAY = 86400
START = 1_800_000_000  # seconds: after the made-up history


class NightTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.program("bin/sim/runner", RUNNER)
        self.program("bin/bench/paths/paths", PATHS)
        self.benchmark(100)
        (self.root / "lab.toml").write_text('name = "vm"\n')

    def program(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)

    def benchmark(self, ns, path="bin/a/tile_bench"):
        self.program(path, BENCHMARK % ns)

    def plan(self, scenarios=("good.toml",), **options):
        return night.Plan(root=self.root, bin=self.root / "bin", folder=self.root / "nights",
                          lab=self.root / "lab.toml", scenarios=list(scenarios), commit="c" * 40,
                          measurements=[ROW], runs=1, **{"path_couplings": ("coupled",)} | options)

    def earlier(self, series):
        (self.root / "nights").mkdir()
        for made in made_up.history(series):
            nights.append(self.root / "nights/history.ndjson", made)

    def nights_of(self, count, **options):
        return [night.run(self.plan(**options), lambda line: None, START + i * DAY) for i in range(count)]

    def test_a_night_leaves_its_figures_a_page_and_a_summary(self):
        ((status, text),) = self.nights_of(1)
        self.assertEqual((status, text.count("\n")), (0, 1), text)
        (made,), _ = nights.read(self.root / "nights/history.ndjson", "vm")
        self.assertEqual(made.series, {"tile/ns": 100, "scenario.s.udp/lost": 0.02,
                                       "paths.coupled.udp.spin/delivered": 5, "paths.coupled.udp.spin/ns": 7,
                                       "paths.coupled.udp.spin/ndr": 3, "paths.coupled.udp.spin/pdr": 4})
        self.assertEqual((self.root / "nights/summary.txt").read_text(), text + "\n")
        self.assertIn("tile/ns", (self.root / "nights/index.html").read_text())
        left = self.root / "nights" / made.artefacts
        self.assertGreater(json.loads((left / "environment.json").read_text())["cpus"], 0)
        self.assertTrue((left / "scenario-good/result.json").exists())

    def test_a_part_alone(self):
        said = []
        status, _ = night.run(self.plan(parts=("suites",)), said.append, START)
        self.assertEqual(status, 0)
        self.assertIn("about 1 min: suites 1 min", said)
        (made,), _ = nights.read(self.root / "nights/history.ndjson", "vm")
        self.assertEqual(made.series, {"tile/ns": 100})
        took = json.loads((self.root / "nights" / made.artefacts / "took.json").read_text())
        self.assertEqual(list(took), ["suites"])

    def test_a_slower_program_fails_the_third_night_and_no_other(self):
        self.earlier({"tile/ns": made_up.figures(1, 60, odd=0)})
        self.benchmark(108)
        seen = self.nights_of(5)
        self.assertEqual([status for status, _ in seen], [0, 0, 1, 0, 0])
        self.assertIn("suspect tile/ns", seen[0][1])
        self.assertIn("REGRESSION tile/ns: +", seen[2][1])

    def test_a_machine_that_slows_the_canary_too_fails_nothing(self):
        steady = made_up.figures(1, 60, odd=0)
        self.earlier({"tile/ns": steady, nights.CANARY + "tile/ns": steady})
        self.benchmark(108)
        self.benchmark(108, "canary/tile_bench")
        seen = self.nights_of(4, canary=self.root / "canary")
        self.assertEqual([status for status, _ in seen], [0, 0, 0, 0])
        self.assertIn("machine tile/ns: +", seen[2][1])

    def test_what_fails_is_named_and_the_rest_is_recorded(self):
        self.program("bin/bench/paths/paths", "#!/bin/bash\nexit 3\n")
        ((status, text),) = self.nights_of(1, scenarios=["good.toml", "bad.toml"])
        self.assertEqual(status, 1)
        self.assertIn("FAILED scenario-bad: exit status 2, see its log", text)
        self.assertIn("FAILED paths-coupled: exit status 3, see its log", text)
        self.assertIn("FAILED limits-coupled: exit status 3, see its log", text)
        (made,), _ = nights.read(self.root / "nights/history.ndjson", "vm")
        self.assertEqual(sorted(made.series), ["scenario.s.udp/lost", "tile/ns"])
        log = self.root / "nights" / made.artefacts / "scenario-bad.log"
        self.assertIn("lacks queues", log.read_text())

    def test_the_ports_are_those_of_the_lab(self):
        ((status, text),) = self.nights_of(1, path_couplings=("ports", "decoupled"))
        self.assertEqual(status, 1)
        self.assertNotIn("FAILED paths-ports", text)
        self.assertIn("FAILED limits-decoupled: exit status 4", text)

    def test_a_program_that_is_not_there_is_named(self):
        (self.root / "bin/a/tile_bench").unlink()
        ((status, text),) = self.nights_of(1)
        self.assertEqual(status, 1)
        self.assertIn("FAILED suites: ", text)

    def test_two_nights_at_once_are_one_too_many(self):
        (self.root / "nights").mkdir()
        with night.reserved(self.root / "nights"), self.assertRaises(night.NightError):
            self.nights_of(1)


if __name__ == "__main__":
    unittest.main()
