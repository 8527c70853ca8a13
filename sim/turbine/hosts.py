"""Programs on the hosts of a Turbine cluster: each started, waited for, asked and ended.

What a program prints goes to files of the run's folder; nothing waits without a deadline.
"""
import json
import os
import re
import signal
import time

DEADLINE = 60  # seconds for a program to start or to end; a machine may stand still meanwhile
PORT = 8003


class HostFailed(Exception):
    """A program that did not do what it is for; the text has what it said."""


class Program:
    """One program in a host's namespaces."""

    def __init__(self, host, folder, words):
        self.name = host.name
        self.out = os.path.join(folder, f"{host.name}.out")
        self.err = os.path.join(folder, f"{host.name}.err")
        with open(self.out, "w", encoding="utf-8") as out, open(self.err, "w", encoding="utf-8") as err:
            self.process = host.popen(words, stdout=out, stderr=err)

    def said(self):
        with open(self.out, encoding="utf-8") as out, open(self.err, encoding="utf-8") as err:
            return out.read(), err.read()

    def fail(self, what):
        raise HostFailed("\n".join([f"{self.name}: {what}", *self.said()]).rstrip())

    def wait_for(self, text):
        """Until it has said this on stdout."""
        end = time.monotonic() + DEADLINE
        while text not in self.said()[0]:
            if self.process.poll() is not None:
                self.fail(f"ended with {self.process.returncode} before it said '{text}'")
            if time.monotonic() > end:
                self.fail(f"did not say '{text}' in {DEADLINE} s")
            time.sleep(0.01)

    def wait(self):
        """Until it has ended, which must be well."""
        if self.process.wait(timeout=DEADLINE) != 0:
            self.fail(f"ended with {self.process.returncode}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.wait()

    def last_object(self):
        """The JSON object that is its last line."""
        return json.loads(self.said()[0].splitlines()[-1])


class Receiver(Program):
    """`penstock run` with a full shred stage."""

    def __init__(self, host, folder, binary, path, leader):
        self.path = path
        self.counters_file = os.path.join(folder, f"{host.name}.prom")
        config = os.path.join(folder, f"{host.name}.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f'interface = "{host.defaultIntf()}"\npath = "{path}"\nrequired = true\n'
                       # A machine with other work may keep a thread from its core for a second.
                       f'ports = [{PORT}]\n[threads]\non_stall = "report"\n'
                       f'[shreds]\nstage = "full"\nversion = 6051\n'
                       f'leader = "{leader}"\ndigest = true\n')
        super().__init__(host, folder, [binary, "run", "--config", config, "--counters", self.counters_file])

    def fresh_counters(self):
        """Its counters as they are now, by name and labels."""
        if os.path.exists(self.counters_file):
            os.remove(self.counters_file)
        self.process.send_signal(signal.SIGUSR1)
        end = time.monotonic() + DEADLINE
        while not os.path.exists(self.counters_file):
            if self.process.poll() is not None or time.monotonic() > end:
                self.fail("writes no counters")
            time.sleep(0.005)
        return self.counters()

    def counters(self):
        with open(self.counters_file, encoding="utf-8") as file:
            lines = [line.rpartition(" ") for line in file if not line.startswith("#")]
        return {name: float(value) for name, _, value in lines}

    def numbers(self):
        """After stop(): what judge.py and result.py want to know."""
        content = re.search(r"content digest (\S+) of (\d+) FEC sets, (\d+) of them complete; "
                            r"(\d+) of their shreds never came", self.said()[1])
        way = re.search(r"receiving on \S+: (\w+), ([^,]+),", self.said()[0])
        if not (content and way):
            self.fail("does not say what it received")
        counters = Counters(self.counters())
        return {
            "path": way[1], "mode": way[2], "wanted_path": self.path,
            "consumed": counters.total("shred_consumed"),
            "duplicates": counters.total("shred_duplicate"),
            "slow_way": counters.total("slow_way_published"),
            "passed": counters.by_label("xdp_pass"),
            "lost": counters.lost(),
            "content_digest": content[1], "sets": int(content[2]), "complete": int(content[3]),
            "never_came": int(content[4]),
            "shreds": {key: counters.total("shred_" + key)
                       for key in ["accepted", "duplicate", "late", "conflicts", "signature_checks"]}
            | {"held": counters.total("shred_held") - counters.total("shred_released"),
               "discarded": counters.by_label("shred_discarded")},
        }


class Counters:
    """Penstock's counters, by their names in engine/metrics/counter_table.h."""

    # What an engine that has a shred stage may lose on the way to it.
    CAUSES = ["rx_ring_full", "rx_dropped", "discarded", "slow_way_discarded", "slow_way_dropped",
              "socket_drop"]

    def __init__(self, values):
        self.values = values

    def by_label(self, name):
        """{label: count} of a counter that has one label, without those at 0."""
        found = {}
        for key, value in self.values.items():
            match = re.fullmatch(rf'penstock_{name}_total\{{\w+="(\w+)"\}}', key)
            if match and value > 0:
                found[match[1]] = int(value)
        return found

    def total(self, name):
        """Over all labels, if it has any. A counter that is not there is a mistake."""
        found = [value for key, value in self.values.items()
                 if re.fullmatch(rf"penstock_{name}_total(\{{.*\}})?", key)]
        if not found:
            raise HostFailed(f"no counter '{name}'")
        return int(sum(found))

    def lost(self):
        """{cause: count}, without those at 0."""
        lost = {cause: self.total(cause) for cause in self.CAUSES}
        lost["overrun"] = self.by_label("overrun").get("shred", 0)
        return {cause: count for cause, count in lost.items() if count > 0}
