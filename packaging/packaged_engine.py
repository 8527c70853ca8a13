"""The package's engine as its unit would run it, between two hosts on a veth: near0 of the calling namespace,
and far0 of the namespace "far". There is no service manager here: user and capabilities are made by setpriv
from the unit file (unit_file.py), and a notify socket takes its place.

For tests, as root in namespaces of their own. Limits stay the machine's, whose root may not be allowed to
raise them: hence a UMEM that fits 8 MiB of locked memory. The kernel counts those by user, over all
namespaces, and a killed engine's for a while longer: hence a user for each engine.
"""

import os
import random
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile

from unit_file import Unit

PATIENCE = 60  # seconds
NEAR, FAR = "192.0.2.1", "192.0.2.2"


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


class Package:
    """Unpacked, with the two hosts."""

    def __init__(self, deb):
        # Not in the test's folder, which nobody but root can enter.
        self.folder = tempfile.mkdtemp(prefix="penstock-service.")
        os.chmod(self.folder, 0o755)
        self.root = os.path.join(self.folder, "root")
        run("dpkg-deb", "-x", deb, self.root)
        self.unit = Unit(os.path.join(self.root, "lib/systemd/system/penstock.service"))
        # As udev makes it; a machine without udev may have it for root alone.
        tun = os.path.join(self.folder, "tun")
        os.mknod(tun, 0o600 | stat.S_IFCHR, os.stat("/dev/net/tun").st_rdev)
        os.chmod(tun, 0o666)
        run("mount", "--bind", tun, "/dev/net/tun")
        run("ip", "netns", "add", "far")
        run("ip", "link", "add", "name", "near0", "type", "veth", "peer", "name", "far0", "netns", "far")
        for ip, end, address in ((["ip"], "near0", NEAR), (["ip", "-n", "far"], "far0", FAR)):
            run(*ip, "link", "set", end, "addrgenmode", "none")
            run(*ip, "address", "add", address + "/24", "dev", end)
            run(*ip, "link", "set", end, "up")

    def gone(self):
        shutil.rmtree(self.folder)


class Engine:
    """The unit's command, with the package's own configuration but for what `changes` says by key; by the
    unit's user, unless `as_root`."""

    def __init__(self, package, changes, before=(), as_root=False):
        self.user = random.randrange(1 << 20, 1 << 30)  # in DynamicUser's place; nobody else's
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        manager = f"penstock-test-{self.user}"
        self._manager.bind("\0" + manager)
        runtime = tempfile.mkdtemp(dir=package.folder)
        os.chown(runtime, self.user, self.user)
        command = package.unit.words("ExecStart")
        with open(package.root + command[command.index("--config") + 1], encoding="utf-8") as file:
            text = file.read()
        for key, value in {"interface": '"near0"', **changes}.items():
            text, changed = re.subn(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.M)
            assert changed == 1, key
        self.config = os.path.join(runtime, "penstock.toml")
        self.counters = os.path.join(runtime, "counters.prom")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)
        command[0] = package.root + command[0]
        command[command.index("--config") + 1] = self.config
        command[command.index("--counters") + 1] = self.counters
        self.control = os.path.join(runtime, "control")
        command[command.index("--control") + 1] = self.control
        environment = {"NOTIFY_SOCKET": "@" + manager, "RUNTIME_DIRECTORY": runtime,
                       "WATCHDOG_USEC": package.unit.one("WatchdogSec") + "000000"}
        service = (["env", *[f"{name}={value}" for name, value in environment.items()]] if as_root
                   else package.unit.as_the_service(self.user, environment))
        self.process = subprocess.Popen([*before, *service, *command], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)

    def hear(self):
        """What it tells the service manager next."""
        self._manager.settimeout(PATIENCE)
        return self._manager.recv(4096).decode()

    def ready(self):
        """What it says when it receives."""
        self._manager.settimeout(0.1)
        for _ in range(PATIENCE * 10):
            try:
                return self._manager.recv(4096).decode()
            except TimeoutError:
                if self.process.poll() is not None:
                    break
        raise AssertionError(self.process.communicate()[0])

    @staticmethod
    def value(page, name, labels=".*"):
        """Over all labels that match."""
        values = re.findall(rf"^penstock_{name}(?:{{{labels}}})? (\d+)$", page, re.M)
        return sum(int(value) for value in values)

    def metric(self, name, labels=".*"):
        """As its endpoint has it now."""
        return self.value(run("curl", "-sS", "http://127.0.0.1:9184/metrics"), name, labels)

    def end(self, number=signal.SIGTERM, pid=None):
        """Its exit status and what it printed."""
        os.kill(pid or self.process.pid, number)
        said = self.process.communicate(timeout=PATIENCE)[0]
        return self.process.returncode, said

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        self._manager.close()
