"""A Turbine cluster in Mininet: a leader sends slots through relays to receivers that are `penstock run`,
and all receivers must know in the end what the leader sent.

Run by sim/turbine/turbine, which gives it namespaces of its own; whatever it leaves behind dies with them.
Exit status: 0 every check held, 1 one did not, 2 usage or a bad scenario file.
"""
import json
import os
import shutil
import subprocess
import sys
import time

from mininet.cli import CLI
from mininet.log import setLogLevel
from mininet.net import Mininet

import judge
import result
from hosts import PORT, HostFailed, Program, Receiver
from options import parse
from topology import TurbineTopo

# Seconds without any news from any receiver after which the cluster is at rest.
QUIET = 2


class Cluster:
    """All hosts with their programs running. `folder`: of this run alone."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.leaders = []  # reports, one a call
        self.next_slot = 1
        # Else it raises limits of the whole machine (fixLimits).
        Mininet.inited = True
        topo = TurbineTopo(relays=options.relays, receivers=len(options.paths), bw=options.bw,
                           queue=options.queue, last_bw=options.last_bw, last_queue=options.last_queue)
        self.net = Mininet(topo=topo, controller=None, autoStaticArp=True)
        self.net.start()
        self.file = self.write_nodes()
        self.key = self.output_of([options.node, "key", "--seed", str(options.seed)])
        self.receivers = [Receiver(self.net[f"rx{i + 1}"], folder, options.penstock, path, self.key)
                          for i, path in enumerate(options.paths)]
        self.relays = [self.start_relay(i) for i in range(1, options.relays + 1) if i not in options.dead]
        for receiver in self.receivers:
            receiver.wait_for("receiving on")
        for relay in self.relays:
            relay.wait_for("ready")

    @staticmethod
    def output_of(words):
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()

    def write_nodes(self):
        """The cluster file: relays by falling stake; receivers have none, so that they are leaves."""
        name = os.path.join(self.folder, "nodes")
        with open(name, "w", encoding="utf-8") as file:
            for host in self.net.hosts:
                if host.name.startswith("relay"):
                    file.write(f"{host.name} {host.IP()} {1000 // int(host.name[5:])}\n")
                if host.name.startswith("rx"):
                    file.write(f"{host.name} {host.IP()} 0\n")
        return name

    def common_words(self):
        return ["--cluster", self.file, "--fanout", str(self.options.fanout), "--port", str(PORT)]

    def start_relay(self, number):
        host = self.net[f"relay{number}"]
        return Program(host, self.folder,
                       [self.options.node, "relay", *self.common_words(), "--self", host.name,
                        "--leader", self.key, "--seed", str(self.options.seed + number),
                        "--loss-percent", str(self.options.loss_percent),
                        "--jitter-ms", str(self.options.jitter_ms)])

    def lead(self, slots):
        """Sends so many slots and waits until everything has come to rest."""
        host = self.net["leader"]
        leader = Program(host, self.folder,
                         [self.options.node, "leader", *self.common_words(), "--address", host.IP(),
                          "--seed", str(self.options.seed), "--first-slot", str(self.next_slot),
                          "--slots", str(slots), "--sets-per-slot", str(self.options.sets_per_slot),
                          "--pps", str(self.options.pps)])
        while leader.process.poll() is None:
            for program in [*self.relays, *self.receivers]:
                if program.process.poll() is not None:
                    program.fail(f"ended with {program.process.returncode} in the middle")
            time.sleep(0.05)
        leader.wait()
        self.next_slot += slots
        self.leaders.append(leader.last_object())
        self.settle()

    def settle(self):
        """Until every receiver has all, or nobody had news for a while."""
        wanted = sum(leader["shreds"] for leader in self.leaders)
        before, since = None, time.monotonic()
        while time.monotonic() - since < QUIET:
            now = [receiver.fresh_counters()["penstock_shred_consumed_total"] for receiver in self.receivers]
            if all(count >= wanted for count in now):
                return
            if now != before:
                before, since = now, time.monotonic()
            time.sleep(0.1)

    def drops(self):
        """What was dropped on each host's link, as judge.py has it."""
        links = {}
        for link in self.net.links:
            counts = links[link.intf1.node.name] = {}
            for end, way in [(link.intf1, "out"), (link.intf2, "in")]:
                counts["queue_" + way], counts["ring_" + way] = self.drops_of(end)
        return links

    def drops_of(self, end):
        """Of one end of a link: what its queue dropped, and what its peer's ring had no room for."""
        # A host's end is seen in its namespace, the bridge's where we are.
        ask = (lambda words: end.node.pexec(words)[0]) if end.node.inNamespace else self.output_of
        queues = json.loads(ask(["tc", "-s", "-j", "qdisc", "show", "dev", end.name]))
        link = json.loads(ask(["ip", "-s", "-j", "link", "show", "dev", end.name]))[0]
        # The class above counts the same drops again.
        queue = sum(queue["drops"] for queue in queues if queue["kind"] == "pfifo")
        return queue, link["stats64"]["tx"]["dropped"]

    def no_ports(self, number):
        """Datagrams that came to a relay that does not run: nobody holds their port."""
        lines = self.net[f"relay{number}"].pexec(["grep", "^Udp:", "/proc/net/snmp"])[0].splitlines()
        return int(dict(zip(lines[0].split(), lines[1].split()))["NoPorts"])

    def finish(self):
        """Ends all programs; what was counted."""
        for program in [*self.relays, *self.receivers]:
            program.stop()
        links = self.drops()
        dead = {f"relay{number}": {"no_ports": self.no_ports(number)} for number in self.options.dead}
        self.net.stop()
        return {
            "leader": judge.add_leaders(self.leaders),
            "relays": {relay.name: relay.last_object() for relay in self.relays},
            "receivers": {receiver.name: receiver.numbers() for receiver in self.receivers},
            "dead": dead, "links": links,
        }


class Shell(CLI):
    """Mininet's command line over a running cluster."""

    prompt = "turbine> "

    def __init__(self, cluster):
        self.cluster = cluster
        super().__init__(cluster.net)

    def do_slot(self, line):
        """slot [N]: the leader sends a slot, or N of them."""
        self.cluster.lead(int(line or 1))
        self.do_status("")

    def do_status(self, _line):
        """status: what each receiver has."""
        for receiver in self.cluster.receivers:
            counters = receiver.fresh_counters()
            print(f"  {receiver.name:<6} {receiver.path:<18} "
                  f"{counters['penstock_shred_consumed_total']:>8.0f} shreds, "
                  f"{counters['penstock_fec_sets_finished_total']:>5.0f} FEC sets finished")


def keep(folder, options):
    """What the hosts said, for whoever looks later."""
    if options.out:
        os.makedirs(options.out, exist_ok=True)
        shutil.copytree(folder, options.out, dirs_exist_ok=True)


def report(numbers, options, started):
    """Says and writes what came of it; the exit status."""
    checks = judge.judge(numbers, options.expect)
    verdict, _ = result.verdict_of(checks)
    print(judge.table(numbers))
    for each in checks:
        if each["pass"] is False:
            print(f"  FAILED {each['name']}: {each['detail']}")
    print(f"  {verdict}: {len(checks)} checks; {judge.conservation(numbers)['detail']}")
    values = result.result(numbers, checks, options, started)
    if options.out:
        result.write(options.out, values)
    if options.json:
        print(json.dumps(values))
    return 0 if verdict == "pass" else 1


def main(arguments, folder):
    options = parse(arguments)
    setLogLevel("output")  # what commands in the shell print, and warnings
    started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        cluster = Cluster(options, folder)
        print(f"{options.name}: {options.relays} relays, receivers {' '.join(options.paths)}", flush=True)
        if options.command == "shell":
            Shell(cluster)
        else:
            cluster.lead(options.slots)
        if not cluster.leaders:
            return 0
        numbers = cluster.finish()
        keep(folder, options)
        return report(numbers, options, started)
    except KeyboardInterrupt:
        return 130
    except (HostFailed, RuntimeError, subprocess.SubprocessError) as error:
        print(f"turbine: {error}", file=sys.stderr)
        keep(folder, options)
        return 1


if __name__ == "__main__":
    # TURBINE_FOLDER: by the wrapper, in memory that goes with its namespaces.
    sys.exit(main(sys.argv[1:], os.environ["TURBINE_FOLDER"]))
