"""The Mininet topology of a Turbine cluster: a leader, relays and receivers on one bridge, each a host.

    leader ─┐
    relay1 ─┤            every link shaped at both ends: HTB, and a queue that drops its tail
    relay2 ─┼─ s1
    rx1 ────┤            hosts have 10.0.0.1, 10.0.0.2, ... in this order
    rx2 ────┘

Loaded by cluster.py, and by Mininet's own `mn` through the script `turbine`, which keeps it off this
machine. Without a controller and without Open vSwitch: the switch is the kernel's bridge. What tc refuses is
an error here; Mininet's own links only print it, and go on unshaped.
"""
from mininet.link import TCIntf, TCLink
from mininet.node import Host, Switch
from mininet.topo import Topo

PREFIX = "10.0.0."


class TurbineHost(Host):
    """A host without IPv6, so that nobody solicits routers among the shreds."""

    def __init__(self, name, **params):
        super().__init__(name, **params)
        self.cmd("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1")


class Bridge(Switch):
    """The kernel's bridge, as a Mininet switch. Lives where Mininet runs, its ports too."""

    def start(self, _controllers):
        self.checked(f"ip link add name {self.name} type bridge mcast_snooping 0")
        self.silence(self.name)
        for port in self.intfList():
            if port.link is None:  # lo
                continue
            self.silence(port.name)
            self.checked(f"ip link set dev {port.name} master {self.name} up")
            # Receivers send nothing: a bridge would never learn where they are, and flood every port.
            host = port.link.intf1 if port.link.intf2 is port else port.link.intf2
            self.checked(f"bridge fdb replace {host.MAC()} dev {port.name} master static")
        self.checked(f"ip link set dev {self.name} up")

    def stop(self, deleteIntfs=True):
        self.cmd(f"ip link del {self.name}")
        super().stop(deleteIntfs)

    def silence(self, interface):
        """No IPv6 on it; the rest of this namespace, which may be the machine's, is none of ours."""
        self.checked(f"sysctl -qw net.ipv6.conf.{interface}.disable_ipv6=1")

    def checked(self, command):
        said = self.cmd(command).strip()
        if said:
            raise RuntimeError(f"{command}: {said}")


class ShapedIntf(TCIntf):
    """One end of a link: `bw` Mbit/s, and before it a FIFO of `queue` packets. Checksums are whole."""

    def config(self, bw=None, queue=1000, **params):
        result = super().config(txo=False, rxo=False, **params) or {}
        for command in (
            "qdisc add dev {} root handle 5: htb default 1",
            # The quantum is a class's turn among others, of which there are none; tc warns of its own choice.
            f"class add dev {{}} parent 5: classid 5:1 htb rate {bw}mbit burst 15k quantum 1514",
            f"qdisc add dev {{}} parent 5:1 handle 10: pfifo limit {queue}",
        ):
            said = self.cmd("tc " + command.format(self.name)).strip()
            if said:
                raise RuntimeError(f"shape {self.name}: {said}")
        return result


class ShapedLink(TCLink):
    """Both ends shaped."""

    def __init__(self, *args, **params):
        super().__init__(*args, cls1=ShapedIntf, cls2=ShapedIntf, **params)


class TurbineTopo(Topo):
    """`bw`, `queue`: of every link; `last_bw`, `last_queue`: from the bridge to the receivers, instead."""

    def build(self, relays=3, receivers=3, bw=500, queue=1000, last_bw=None, last_queue=None):
        names = ["leader"]
        names += [f"relay{i + 1}" for i in range(relays)]
        names += [f"rx{i + 1}" for i in range(receivers)]
        bridge = self.addSwitch("s1", cls=Bridge)
        for number, name in enumerate(names, start=1):
            host = self.addHost(name, cls=TurbineHost, ip=f"{PREFIX}{number}/24")
            last = name.startswith("rx")
            shape = {"bw": last_bw if last and last_bw else bw,
                     "queue": last_queue if last and last_queue else queue}
            self.addLink(host, bridge, cls=ShapedLink, params1={"bw": bw}, params2=shape)


topos = {"penstock": TurbineTopo}
switches = {"bridge": Bridge}
