#!/usr/bin/python3
"""The packaged binary with the environment that its unit gives it: an unprivileged user with four
capabilities, a notify socket and a watchdog, between two hosts on a veth; and whether the unit's lists of
system calls and address families are enough for every way in.

Arguments: the package. Runs as root in namespaces of its own. There is no service manager here: user and
capabilities are made by setpriv from the unit file, its filters are judged by what strace saw. Limits stay
the machine's, whose root may not be allowed to raise them: hence a UMEM that fits 8 MiB of locked memory.
"""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

from unit_file import Unit

DEB = os.path.abspath(sys.argv[1])
PATIENCE = 60  # seconds
PORT, DATAGRAMS = 8003, 300
OUTLET = "@penstock-service-test-shreds"  # a socket of the file system would ask for its group's rights
WAYS = ["kernel_filter", "userspace_filter", "io_uring", "udp"]


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def send():
    """From the far host, which is a network namespace."""
    script = (f"import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
              f"for i in range({DATAGRAMS}): s.sendto(i.to_bytes(1200, 'little'), ('192.0.2.1', {PORT}))")
    run("nsenter", "--net=/run/netns/far", "python3", "-c", script)


class ServiceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Not in the test's folder, which nobody but root can enter.
        cls.folder = tempfile.mkdtemp(prefix="penstock-service.")
        os.chmod(cls.folder, 0o755)
        cls.root = os.path.join(cls.folder, "root")
        run("dpkg-deb", "-x", DEB, cls.root)
        cls.unit = Unit(os.path.join(cls.root, "lib/systemd/system/penstock.service"))
        cls.reader = os.path.join(cls.folder, "reader")
        run("gcc", "-std=gnu11", "-I", os.path.join(cls.root, "usr/include"), "-o", cls.reader,
            os.path.join(cls.root, "usr/share/doc/penstock/examples/example_reader.c"))
        # As udev makes it; a machine without udev may have it for root alone.
        tun = os.path.join(cls.folder, "tun")
        os.mknod(tun, 0o600 | stat.S_IFCHR, os.stat("/dev/net/tun").st_rdev)
        os.chmod(tun, 0o666)
        run("mount", "--bind", tun, "/dev/net/tun")
        run("ip", "netns", "add", "far")
        run("ip", "link", "add", "name", "near0", "type", "veth", "peer", "name", "far0", "netns", "far")
        for ip, end, address in ((["ip"], "near0", "192.0.2.1/24"),
                                 (["ip", "-n", "far"], "far0", "192.0.2.2/24")):
            run(*ip, "link", "set", end, "addrgenmode", "none")
            run(*ip, "address", "add", address, "dev", end)
            run(*ip, "link", "set", end, "up")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind("\0penstock-service-test")
        self.manager.settimeout(PATIENCE)

    def tearDown(self):
        self.manager.close()

    def hear(self):
        return self.manager.recv(4096).decode()

    def start(self, way, before=()):
        """The unit's command, with the package's own configuration but for the interface and the way."""
        runtime = tempfile.mkdtemp(dir=self.folder)
        os.chown(runtime, 65534, 65534)
        command = self.unit.words("ExecStart")
        with open(self.root + command[command.index("--config") + 1], encoding="utf-8") as file:
            text = file.read()
        for key, value in (("interface", '"near0"'), ("path", f'"{way}"'), ("rx_entries", "512"),
                           ("link_depth", "512"), ("return_depth", "512"), ("socket", f'"{OUTLET}"')):
            text, changed = re.subn(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.M)
            self.assertEqual(changed, 1, key)
        self.config = os.path.join(runtime, "penstock.toml")
        self.counters = os.path.join(runtime, "counters.prom")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)
        command[0] = self.root + command[0]
        command[command.index("--config") + 1] = self.config
        command[command.index("--counters") + 1] = self.counters
        environment = {"NOTIFY_SOCKET": "@penstock-service-test", "RUNTIME_DIRECTORY": runtime,
                       "WATCHDOG_USEC": self.unit.one("WatchdogSec") + "000000"}
        return subprocess.Popen([*before, *self.unit.as_the_service(environment), *command],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def wait_until_ready(self, process, way):
        self.manager.settimeout(0.1)
        for _ in range(PATIENCE * 10):
            try:
                ready = self.hear()
                break
            except TimeoutError:
                if process.poll() is not None:
                    self.fail(process.communicate()[0])
        self.manager.settimeout(PATIENCE)
        self.assertRegex(ready, rf"^READY=1\nSTATUS=receiving on near0: {way}, .*; as configured$")

    def receive_all(self):
        """What the metrics say was received, when that is all or does not come."""
        for _ in range(PATIENCE * 10):
            page = run("curl", "-sS", "http://127.0.0.1:9184/metrics")
            received = int(re.search(r"^penstock_sink_consumed_total (\d+)$", page, re.M).group(1))
            if received >= DATAGRAMS:
                break
            time.sleep(0.1)
        return received

    def stop(self, process, pid):
        os.kill(pid, signal.SIGTERM)
        said = process.communicate(timeout=PATIENCE)[0]
        self.assertEqual(process.returncode, 0, said)
        heard = self.hear()
        while heard == "WATCHDOG=1":
            heard = self.hear()
        self.assertEqual(heard, "STOPPING=1\nSTATUS=stopping")
        return said

    def check_debug_bundle(self):
        """What the package's script collects beside the running engine."""
        environment = {"PATH": self.root + "/usr/bin:" + os.environ["PATH"], "PENSTOCK_CONFIG": self.config}
        archive = subprocess.run([self.root + "/usr/share/penstock/debug-bundle", self.folder], check=True,
                                 env=environment, capture_output=True, text=True).stdout.strip()
        with tarfile.open(archive) as files:
            texts = {os.path.basename(each.name): files.extractfile(each).read().decode()
                     for each in files if each.isfile()}
        self.assertIn("# exit status 0\n", texts["check-config"])
        self.assertIn(f"penstock_sink_consumed_total {DATAGRAMS}\n", texts["metrics"])
        self.assertRegex(texts["monitor"], '"path": ?"kernel_filter"')
        self.assertIn('"capabilities"', texts["doctor"])
        self.assertIn("near0", texts["link"])
        self.assertIn("# exit status ", texts["unit"])  # there is no systemd here: said, not fatal

    def test_may_lock_any_memory(self):
        self.assertEqual(self.unit.one("LimitMEMLOCK"), "infinity")

    def test_receives_as_an_unprivileged_user_with_four_capabilities(self):
        for way in WAYS:
            with self.subTest(way):
                process = self.start(way)
                self.wait_until_ready(process, way)
                with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
                    status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
                self.assertEqual(status["Uid"].split(), ["65534"] * 4)
                self.assertEqual(bin(int(status["CapEff"], 16)).count("1"), 4)
                self.assertEqual(status["CapEff"], status["CapBnd"])
                self.assertEqual(self.hear(), "WATCHDOG=1")
                reader = subprocess.Popen([self.reader, OUTLET], user=65533, group=65533, extra_groups=[],
                                          stdout=subprocess.PIPE, text=True)
                self.assertEqual(reader.stdout.readline(), "reading\n")
                send()
                self.assertEqual(self.receive_all(), DATAGRAMS)
                if way == WAYS[0]:
                    self.check_debug_bundle()
                said = self.stop(process, process.pid)
                self.assertIn(f"ended after {DATAGRAMS} payloads, {DATAGRAMS * 1200} bytes, 0 lost\n",
                              reader.communicate(timeout=PATIENCE)[0])
                self.assertIn(f"stopped after {DATAGRAMS} datagrams", said)
                self.assertIn("; 0 lost", said)
                with open(self.counters, encoding="utf-8") as file:
                    self.assertIn(f"\npenstock_sink_consumed_total {DATAGRAMS}\n", file.read())

    def test_asks_the_kernel_for_nothing_that_the_unit_forbids(self):
        allowed, families = self.unit.system_calls(), self.unit.words("RestrictAddressFamilies")
        for way in WAYS:
            with self.subTest(way):
                trace = os.path.join(self.folder, way + ".strace")
                process = self.start(way, ["strace", "-f", "-s", "0", "-o", trace])
                self.wait_until_ready(process, way)
                children = run("cat", f"/proc/{process.pid}/task/{process.pid}/children").split()
                send()
                self.receive_all()
                self.stop(process, int(children[0]))
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
