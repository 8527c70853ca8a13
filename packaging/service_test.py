#!/usr/bin/python3
"""The packaged binary with the environment that its unit gives it: an unprivileged user with four
capabilities, a notify socket and a watchdog, between two hosts on a veth; and whether the unit's lists of
system calls and address families are enough for every way in.

Arguments: the package. Runs as root in namespaces of its own; packaged_engine.py says how. The unit's filters
are judged by what strace saw.
"""

import os
import re
import subprocess
import sys
import tarfile
import time
import unittest

from packaged_engine import NEAR, PATIENCE, Engine, Package, run

DEB = os.path.abspath(sys.argv[1])
PORT, DATAGRAMS = 8003, 300
OUTLET = "@penstock-service-test-shreds"  # a socket of the file system would ask for its group's rights
WAYS = ["kernel_filter", "userspace_filter", "io_uring", "udp"]


def send():
    """From the far host, which is a network namespace."""
    script = (f"import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
              f"for i in range({DATAGRAMS}): s.sendto(i.to_bytes(1200, 'little'), ('{NEAR}', {PORT}))")
    run("nsenter", "--net=/run/netns/far", "python3", "-c", script)


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


class ServiceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.package = Package(DEB)
        cls.folder, cls.root, cls.unit = cls.package.folder, cls.package.root, cls.package.unit
        cls.reader = os.path.join(cls.folder, "reader")
        run("gcc", "-std=gnu11", "-I", os.path.join(cls.root, "usr/include"), "-o", cls.reader,
            os.path.join(cls.root, "usr/share/doc/penstock/examples/example_reader.c"))

    @classmethod
    def tearDownClass(cls):
        cls.package.gone()

    def start(self, way, before=()):
        engine = Engine(self.package, {"path": f'"{way}"', "rx_entries": "512", "link_depth": "512",
                                       "return_depth": "512", "socket": f'"{OUTLET}"'}, before)
        self.addCleanup(engine.close)
        self.assertRegex(engine.ready(), rf"^READY=1\nSTATUS=receiving on near0: {way}, .*; as configured$")
        return engine

    def receive_all(self, engine):
        """What the metrics say was received, when that is all or does not come."""
        for _ in range(PATIENCE * 10):
            received = engine.metric("sink_consumed_total")
            if received >= DATAGRAMS:
                break
            time.sleep(0.1)
        return received

    def stop(self, engine, pid=None):
        status, said = engine.end(pid=pid)
        self.assertEqual(status, 0, said)
        heard = engine.hear()
        while heard == "WATCHDOG=1":
            heard = engine.hear()
        self.assertEqual(heard, "STOPPING=1\nSTATUS=stopping")
        engine.close()
        return said

    def check_debug_bundle(self, config):
        """What `penstock debug-bundle` collects beside the running engine."""
        *said, archive = run(self.root + "/usr/bin/penstock", "debug-bundle", "--config", config,
                             self.folder).splitlines()
        with tarfile.open(archive) as files:
            texts = {os.path.basename(each.name): files.extractfile(each).read().decode()
                     for each in files if each.isfile()}
        self.assertEqual({line.split()[0] for line in said[:-1]}, set(texts), "it says what is in it")
        self.assertIn("# exit status 0\n", texts["check-config"])
        self.assertIn(f"penstock_sink_consumed_total {DATAGRAMS}\n", texts["metrics"])
        self.assertRegex(texts["monitor"], '"path": ?"kernel_filter"')
        self.assertIn('"capabilities"', texts["doctor"])
        self.assertIn("near0", texts["link"])
        self.assertIn("# exit status ", texts["unit"])  # there is no systemd here: said, not fatal

    def test_may_lock_any_memory(self):
        self.assertEqual(self.unit.one("LimitMEMLOCK"), "infinity")

    def check_reload(self, engine):
        """By the unit's command, as the unit's user; nobody else is heard."""
        reload = [self.root + self.unit.words("ExecReload")[0], "reload", "--control", engine.control]
        for user, status in ((engine.user, 0), (65533, 1)):
            told = subprocess.run(reload, user=user, group=user, extra_groups=[], check=False,
                                  capture_output=True, text=True)
            self.assertEqual(told.returncode, status, told.stdout + told.stderr)
        self.assertEqual(self.unit.words("ExecReload")[1:], ["reload"])  # at the socket of ExecStart

    def test_receives_as_an_unprivileged_user_with_four_capabilities(self):
        for way in WAYS:
            with self.subTest(way):
                engine = self.start(way)
                pid = engine.process.pid
                broker, = run("cat", f"/proc/{pid}/task/{pid}/children").split()
                for process, holds in ((pid, False), (broker, True)):
                    status = status_of(process)
                    self.assertEqual(status["Uid"].split(), [str(engine.user)] * 4)
                    self.assertEqual(bin(int(status["CapBnd"], 16)).count("1"), 4)
                    self.assertEqual(int(status["CapEff"], 16), int(status["CapBnd"], 16) if holds else 0)
                    self.assertEqual(status["CapEff"], status["CapPrm"])
                self.assertEqual(engine.hear(), "WATCHDOG=1")
                self.check_reload(engine)
                reader = subprocess.Popen([self.reader, OUTLET], user=65533, group=65533, extra_groups=[],
                                          stdout=subprocess.PIPE, text=True)
                self.assertEqual(reader.stdout.readline(), "reading\n")
                send()
                self.assertEqual(self.receive_all(engine), DATAGRAMS)
                if way == WAYS[0]:
                    self.check_debug_bundle(engine.config)
                said = self.stop(engine)
                self.assertIn(f"ended after {DATAGRAMS} payloads, {DATAGRAMS * 1200} bytes, 0 lost\n",
                              reader.communicate(timeout=PATIENCE)[0])
                self.assertIn(f"stopped after {DATAGRAMS} datagrams", said)
                self.assertIn("; 0 lost", said)
                with open(engine.counters, encoding="utf-8") as file:
                    self.assertIn(f"\npenstock_sink_consumed_total {DATAGRAMS}\n", file.read())

    def test_asks_the_kernel_for_nothing_that_the_unit_forbids(self):
        allowed, families = self.unit.system_calls(), self.unit.words("RestrictAddressFamilies")
        for way in WAYS:
            with self.subTest(way):
                trace = os.path.join(self.folder, way + ".strace")
                engine = self.start(way, ["strace", "-f", "-s", "0", "-o", trace])
                pid = engine.process.pid
                children = run("cat", f"/proc/{pid}/task/{pid}/children").split()
                send()
                self.receive_all(engine)
                self.stop(engine, int(children[0]))
                with open(trace, encoding="utf-8") as file:
                    calls = re.findall(r"^\d+ +(\w+)\(([^\n]*)", file.read(), re.M)
                execs = [i for i, (call, _) in enumerate(calls) if call == "execve"]
                ours = calls[execs[-1] + 1:]  # what comes before are setpriv's and env's
                used = {call for call, _ in ours}
                self.assertLessEqual({"sendto", "exit_group"}, used)
                self.assertEqual(used - allowed, set())
                opened = {re.match(r"\w+", rest).group() for call, rest in ours if call == "socket"}
                self.assertLessEqual(opened, set(families))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
