#!/usr/bin/python3
"""The package installed, upgraded, removed and purged by dpkg, on a copy of this machine.

Arguments: the package. Runs as root in namespaces of its own: the copy is an overlay in memory over `/`.
"""

import os
import subprocess
import sys
import tempfile
import unittest

DEB = os.path.abspath(sys.argv[1])
CONFIG = "etc/penstock/penstock.toml"


class Machine:
    """This machine, as it would be."""

    def __init__(self):
        self._folder = tempfile.mkdtemp(prefix="penstock-install.")
        self._mount("-t", "tmpfs", "tmpfs", self._folder)
        upper, work, self.root = (os.path.join(self._folder, name) for name in ("upper", "work", "root"))
        for folder in (upper, work, self.root):
            os.mkdir(folder)
        options = f"lowerdir=/,upperdir={upper},workdir={work}"
        self._mount("-t", "overlay", "overlay", "-o", options, self.root)
        self._mount("-t", "proc", "proc", self.path("proc"))
        self._mount("--bind", "/dev", self.path("dev"))
        with open(DEB, "rb") as source, open(self.path("tmp/penstock.deb"), "wb") as target:
            target.write(source.read())

    @staticmethod
    def _mount(*words):
        subprocess.run(["mount", *words], check=True)

    def gone(self):
        subprocess.run(["umount", "-R", self._folder], check=True)
        os.rmdir(self._folder)

    def path(self, name):
        return os.path.join(self.root, name)

    def run(self, *words):
        done = subprocess.run(["chroot", self.root, *words], capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"})
        if done.returncode != 0:
            raise AssertionError(f"{words}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr


class InstallTest(unittest.TestCase):
    def setUp(self):
        self.machine = Machine()
        self.addCleanup(self.machine.gone)
        self.machine.run("dpkg", "-i", "/tmp/penstock.deb")

    def has(self, name):
        return os.path.lexists(self.machine.path(name))

    def test_installed_it_runs_its_unit_is_sound_and_nothing_is_enabled(self):
        self.assertRegex(self.machine.run("penstock", "version"), r"^penstock \S+\n$")
        self.assertEqual(self.machine.run("penstock", "check-config", "/" + CONFIG), f"/{CONFIG}: good\n")
        self.assertEqual(self.machine.run("systemd-analyze", "verify", "penstock.service"), "")
        self.assertFalse(self.has("etc/systemd/system/multi-user.target.wants/penstock.service"))

    def test_an_upgrade_keeps_what_the_operator_changed(self):
        with open(self.machine.path(CONFIG), "a", encoding="utf-8") as file:
            file.write("# changed here\n")
        self.machine.run("systemctl", "enable", "penstock.service")
        self.machine.run("dpkg", "--force-confdef", "--force-confold", "-i", "/tmp/penstock.deb")
        with open(self.machine.path(CONFIG), encoding="utf-8") as file:
            self.assertIn("# changed here\n", file.read())
        self.assertTrue(self.has("etc/systemd/system/multi-user.target.wants/penstock.service"))

    def test_removed_its_configuration_stays_purged_nothing_does(self):
        self.machine.run("systemctl", "enable", "penstock.service")
        self.machine.run("dpkg", "-r", "penstock")
        self.assertFalse(self.has("usr/bin/penstock"))
        self.assertTrue(self.has(CONFIG))
        self.machine.run("dpkg", "-P", "penstock")
        for name in ("etc/penstock", "usr/share/doc/penstock", "lib/systemd/system/penstock.service",
                     "etc/systemd/system/multi-user.target.wants/penstock.service",
                     "var/lib/systemd/deb-systemd-helper-enabled/penstock.service.dsh-also"):
            self.assertFalse(self.has(name), name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
