"""The settings of the package's systemd unit, as a test needs them."""

import re
import subprocess


class Unit:
    """A unit file; a setting that stands several times is a list in its order."""

    def __init__(self, path):
        self._settings = {}
        with open(path, encoding="utf-8") as file:
            for name, value in re.findall(r"^(\w+)=(.*)$", file.read().replace("\\\n", ""), re.M):
                self._settings.setdefault(name, []).append(value)

    def one(self, name):
        (value,) = self._settings[name]
        return value

    def words(self, name):
        return self.one(name).split()

    def as_the_service(self, user, environment):
        """The words that run a program with the unit's capabilities as that user, by setpriv.

        Limits stay: not every machine lets root raise them."""
        assert self.one("DynamicUser") == "yes" and self.one("NoNewPrivileges") == "yes"

        def only(name):
            return ",".join(["-all"] + ["+" + each.removeprefix("CAP_").lower() for each in self.words(name)])

        ambient = only("AmbientCapabilities")
        return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups",
                f"--inh-caps={ambient}", f"--ambient-caps={ambient}",
                f"--bounding-set={only('CapabilityBoundingSet')}", "--no-new-privs", "env", "-i",
                *[f"{name}={value}" for name, value in environment.items()]]

    def system_calls(self):
        """Those that the unit's filter lets through, of this machine's systemd's sets."""
        allowed = set()
        for line in self._settings["SystemCallFilter"]:
            calls = set()
            for word in line.lstrip("~").split():
                calls |= _members(word)
            allowed = allowed - calls if line.startswith("~") else allowed | calls
        return allowed


def _members(word):
    if not word.startswith("@"):
        return {word}
    shown = subprocess.run(["systemd-analyze", "syscall-filter", word],
                           check=True, capture_output=True, text=True)
    calls = set()
    for line in shown.stdout.splitlines()[1:]:
        each = line.strip()
        if each and not each.startswith("#"):
            calls |= _members(each)
    return calls
