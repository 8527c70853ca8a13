#!/usr/bin/python3
"""A cluster on real links: content, loss, and that nothing stays when any part of it is killed.

Arguments: the script `turbine`, penstock, turbine_node, runner. Runs as root in namespaces of its own, so
that all the processes and interfaces that it sees are its own.
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

TURBINE, PENSTOCK, NODE, RUNNER = (os.path.abspath(word) for word in sys.argv[1:5])
PATIENCE = 60  # seconds


def start(*words):
    binaries = [] if words[0] == "mn" else ["--penstock", PENSTOCK, "--node", NODE]
    return subprocess.Popen([TURBINE, *words, *binaries], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)


class RunTest(unittest.TestCase):
    def run_cluster(self, *words):
        """A run that must pass; the numbers of its result.json, which `runner report` must read."""
        with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
            process = start("run", "--out", folder, *words)
            said = process.communicate()[0]
            self.assertEqual(process.returncode, 0, said)
            with open(os.path.join(folder, "result.json"), encoding="utf-8") as file:
                result = json.load(file)
            page = os.path.join(folder, "page.html")
            subprocess.run([RUNNER, "report", folder, "-o", page], check=True)
            with open(page, encoding="utf-8") as file:
                self.assertIn("rx1 kernel_filter", file.read())
        self.assertEqual(result["verdict"], "pass")
        return result["cluster"]

    def test_a_slot_reaches_three_receivers(self):
        result = self.run_cluster()
        leader, receivers = result["leader"], result["receivers"]
        self.assertEqual(leader["shreds"], 25 * 64)
        self.assertEqual([receivers[f"rx{i}"]["path"] for i in (1, 2, 3)],
                         ["kernel_filter", "userspace_filter", "kernel_filter"])
        for receiver in receivers.values():
            self.assertEqual(receiver["mode"], "native copy")
            self.assertEqual(receiver["content_digest"], leader["content_digest"])
            self.assertEqual(receiver["never_came"], 0)
        for relay in result["relays"].values():
            self.assertGreater(sum(relay["sent"].values()), 1000)
            self.assertGreater(relay["resigned"], 0)

    def test_drops_of_a_queue_are_of_its_host(self):
        result = self.run_cluster("--last-bw", "10", "--last-queue", "28", "--pps", "320",
                                  "--sets-per-slot", "4")
        for host, receiver in result["receivers"].items():
            self.assertGreater(receiver["never_came"], 0)
            self.assertEqual(result["links"][host]["queue_in"], receiver["never_came"])

    def test_two_clusters_at_once_are_as_one_alone(self):
        words = ["run", "--sets-per-slot", "4", "--relays", "2", "--paths", "userspace_filter,kernel_filter"]
        alone = start(*words).communicate()[0]
        self.assertIn("pass:", alone)
        for process in [start(*words), start(*words)]:
            self.assertEqual(process.communicate()[0], alone)

    def test_what_cannot_be_is_refused(self):
        process = start("run", "--relays", "2")
        self.assertIn("take more relays", process.communicate()[0])
        self.assertEqual(process.returncode, 2)

    def test_too_little_content_fails(self):
        process = start("run", "--last-bw", "5", "--last-queue", "4", "--sets-per-slot", "4")
        said = process.communicate()[0]
        self.assertEqual(process.returncode, 1, said)
        self.assertIn("FAILED content rx1", said)
        self.assertNotIn("FAILED conservation", said)


class RunnerTest(unittest.TestCase):
    """The same through the runner."""

    SCENARIO = """name = "small"
description = "A small slot."
topology = "turbine"
[cluster]
paths = ["kernel_filter"]
sets_per_slot = 2
"""

    def run_runner(self, scenario, *words):
        """Exit status, what it said, and the names of the files that it left."""
        with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
            file = os.path.join(folder, "small.toml")
            with open(file, "w", encoding="utf-8") as stream:
                stream.write(scenario)
            out = os.path.join(folder, "out")
            done = subprocess.run([RUNNER, "run", file, "--out", out, *words], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, check=False)
            left = {name for _, _, names in os.walk(out) for name in names}
        return done.returncode, done.stdout, left

    def test_a_scenario_runs(self):
        status, said, left = self.run_runner(self.SCENARIO)
        self.assertEqual(status, 0, said)
        self.assertIn("rx1        kernel_filter            128", said)
        self.assertLessEqual({"result.json", "junit.xml", "rx1.toml", "relay1.out"}, left)

    def test_it_runs_among_others(self):
        status, said, _ = self.run_runner(self.SCENARIO, "--repeat", "2", "--filter", "tag:turbine")
        self.assertEqual(status, 0, said)
        self.assertIn("2 runs: 2 passed", said)

    def test_a_broken_expectation_fails(self):
        status, said, left = self.run_runner(self.SCENARIO + '[expect]\nrebuilt = "some"\n')
        self.assertEqual(status, 1, said)
        self.assertIn("FAILED loss rx1", said)
        self.assertIn("result.json", left)

    def test_a_bad_file_is_a_mistake_of_the_caller(self):
        status, said, left = self.run_runner(self.SCENARIO + "relais = 3\n")
        self.assertEqual(status, 2, said)
        self.assertIn("small.toml:7: [cluster] has no key 'relais': did you mean 'relays'?", said)
        self.assertEqual(left, set())
        self.assertEqual(self.run_runner(self.SCENARIO, "--topology", "ring")[0], 2)

    def test_its_shell_is_that_of_the_script(self):
        done = subprocess.run([RUNNER, "shell", "--sets-per-slot", "2"], input="slot\nexit\n",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("2 FEC sets finished", done.stdout)


class ShellTest(unittest.TestCase):
    def test_slots_are_sent_by_hand(self):
        process = start("shell", "--sets-per-slot", "2")
        said = process.communicate("slot\nslot 2\nrx1 ip -br addr\nexit\n")[0]
        self.assertEqual(process.returncode, 0, said)
        self.assertIn("10.0.0.5/24", said)
        self.assertIn("384 shreds,     6 FEC sets finished", said)
        self.assertIn("pass:", said)

    def test_mininets_own_command_line_has_the_topology(self):
        process = start("mn", "--topo", "penstock,relays=1,receivers=1", "--test", "pingall")
        said = process.communicate()[0]
        self.assertEqual(process.returncode, 0, said)
        self.assertIn("0% dropped (6/6 received)", said)


def processes():
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}


def interfaces_and_mounts():
    links = subprocess.run(["ip", "-o", "link"], check=True, capture_output=True, text=True).stdout
    with open("/proc/mounts", encoding="utf-8") as file:
        return links, file.read()


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode()
    except OSError:
        return ""  # it has just ended


def bpf_objects(pids):
    """The BPF programs, maps and links that these processes hold: {(kind, id)}."""
    found = set()
    for pid in pids:
        try:
            for name in os.listdir(f"/proc/{pid}/fdinfo"):
                with open(f"/proc/{pid}/fdinfo/{name}", encoding="utf-8") as file:
                    found |= set(re.findall(r"^(prog|map|link)_id:\s*(\d+)", file.read(), re.MULTILINE))
        except OSError:
            pass  # it has just ended
    return found


def exists(kind, number):
    shown = subprocess.run(["bpftool", kind, "show", "id", number], capture_output=True, check=False)
    return shown.returncode == 0


class KillTest(unittest.TestCase):
    """Each part of a running cluster is killed, in a cluster of its own."""

    def check_kill(self, words):
        before, around = processes(), interfaces_and_mounts()
        process = start("run", "--slots", "10000")
        self.assertIn("3 relays", process.stdout.readline())
        self.kill_in(process, words, before, around)

    def kill_in(self, process, words, before, around):
        end = time.monotonic() + PATIENCE
        victims = []
        while not victims and time.monotonic() < end:
            victims = [pid for pid in processes() - before if command_line(pid).startswith(words)]
        self.assertTrue(victims, words)
        held = bpf_objects(processes() - before)
        self.assertEqual({kind for kind, _ in held}, {"prog", "map", "link"})
        os.kill(min(victims), signal.SIGKILL)
        said = process.communicate(timeout=PATIENCE)[0]
        self.assertNotEqual(process.returncode, 0, said)
        end = time.monotonic() + PATIENCE
        while processes() - before and time.monotonic() < end:
            time.sleep(0.05)
        left = processes() - before
        self.assertFalse(left, [command_line(pid) for pid in left])
        # The kernel takes them down behind the last process's back.
        while any(exists(*each) for each in held) and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual([each for each in held if exists(*each)], [])
        self.assertEqual(interfaces_and_mounts(), around)

    def test_the_runner(self):
        with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
            file = os.path.join(folder, "long.toml")
            with open(file, "w", encoding="utf-8") as stream:
                stream.write('name = "long"\ndescription = "Does not end."\ntopology = "turbine"\n'
                             "[cluster]\nslots = 10000\n")
            before, around = processes(), interfaces_and_mounts()
            process = subprocess.Popen([RUNNER, "run", file], stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True,
                                       env=dict(os.environ, TMPDIR=folder))
            end = time.monotonic() + PATIENCE
            while not any("turbine_node leader" in command_line(pid) for pid in processes() - before):
                self.assertLess(time.monotonic(), end)
                time.sleep(0.05)
            self.kill_in(process, f"{RUNNER} run", before, around)
            self.assertEqual(os.listdir(folder), ["long.toml"])

    def test_the_wrapper(self):
        self.check_kill("unshare ")

    def test_its_first_process(self):
        self.check_kill("/bin/bash -euc")

    def test_the_script(self):
        self.check_kill("/usr/bin/python3 ")

    def test_the_leader(self):
        self.check_kill(f"{NODE} leader")

    def test_a_relay(self):
        self.check_kill(f"{NODE} relay")

    def test_a_receiver(self):
        self.check_kill(f"{PENSTOCK} run")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
