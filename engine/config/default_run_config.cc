// The default file, which is the manual of `penstock run`.
#include "engine/config/run_config.h"

namespace penstock {

namespace {

constexpr std::string_view kFile = R"toml(# Penstock: what `penstock run --config FILE` reads.
#
# Every key is here with its default and may be left out, but for `interface` and `ports`. An unknown key,
# a wrong type and a value out of range are errors, each with line and column: `penstock check-config FILE`
# shows them all. On SIGHUP a running engine reads it anew and takes at once: ports with
# shreds.repair_ports, shreds.leader and leader_file, outlet.forward, capture.file_mib and files, on_gone,
# threads.on_stall. It names what else is new, which takes effect at the next start.

# The interface whose traffic is received. It keeps its addresses and goes on serving the host.
interface = "eth0"

# Interfaces beside it, which the same ports are received on: a second uplink, or, where `interface` is a
# member of a bond, the other members. Each has a net thread of its own behind those of `interface`
# (threads.net_tiles), and one way is taken for all. Sockets (io_uring, udp) hear every interface anyway.
further_interfaces = []

# Which way frames come to the engine:
#   "kernel_filter"     The XDP program looks into each frame and redirects what is for `ports`. The rest
#                       never leaves the kernel.
#   "userspace_filter"  The XDP program redirects whatever is in `scope`; the engine looks into each frame and
#                       hands what is not for `ports` back to the host through a TAP. Needs native XDP and
#                       /dev/net/tun.
#   "io_uring"          UDP sockets read by io_uring: no XDP, needs Linux 6.1.
#   "udp"               UDP sockets read by recvmmsg(): needs nothing.
#   "auto"              The fastest that works: the kernel filter with native XDP, in generic mode, io_uring,
#                       udp. Each step down is said at the start, with its cause and what would mend it.
# All deliver the same datagrams; over sockets IPv4 only, and with bad UDP checksums dropped.
path = "kernel_filter"

# What happens where the first way cannot be had. With false: under "auto" the next one is tried, whatever
# the cause; with a filter named, the kernel filter runs in generic mode, which is slower, if the driver has
# no native XDP, and every other cause ends `penstock run`. The start says so. With true each ends it.
required = false

# What happens when an interface goes away while the engine runs: "wait" until one of that name is back, and
# receive on it again; or "end" with the error. Meanwhile those that are there are received on. Counters begin
# anew at each change. One that only goes down is waited for in any case.
on_gone = "wait"

# Whether the engine gives its capabilities up before it looks at a packet, has a second, small process keep
# them, and makes no system call but those that docs/confinement.md lists. One that is not listed ends it with
# status 4 and the call's name. false: for a debugger or a library that wants what the list has not.
confined = true

# Zero-copy AF_XDP, where the NIC writes into the engine's memory:
#   "auto"   With drivers whose zero-copy is known to be sound; the start names the reason where it is not.
#   "off"    Never.
#   "force"  Whatever the driver.
zero_copy = "auto"

# The UDP ports that are the engine's, 1 to 16. Add the validator's TVU and repair ports. One that is added
# while the engine runs shares the link of another (link_depth), or has that of one that has gone.
ports = [8003]

# Lines of each port's link between the net thread and the sink, a power of two, at least 64: how far a sink
# on a thread of its own may fall behind before it is overrun. Each line holds a frame of 2 KiB.
link_depth = 4096

[sink]

# A thread of its own (pen-sink) for the sink, which counts what comes; false: the net thread runs it behind
# each batch.
thread = false

# Sums up a digest of all IPv4 datagrams, which is printed at the end: whether each came once and whole. For
# tests: it costs a SHA-256 a datagram.
digest = false

# Says at the end how old datagrams were when the sink took them. For the testbed, whose sender writes the
# time at which each leaves into its last 8 bytes; of other traffic it is nonsense.
latency = false

[shreds]

# The shred stage, on a thread of its own (pen-shred) beside the sink; it counts as shred_* and fec_sets_*:
#   "off"    None.
#   "cheap"  Length, variant, version and the rules of SIMD-0504: no cryptography, no FEC sets.
#   "full"   Merkle proofs and signatures as well; duplicates are found, FEC sets recovered.
stage = "off"

# Whose rules: "compat" (what validators accept today) or "strict" (SIMD-0504).
rules = "compat"

# The cluster's shred version; shreds of another one are discarded. 0: any.
version = 0

# Who signs: one key for every slot in base58, or a file with the lines of `solana leader-schedule`. Slots
# that the file does not name have no known leader: their shreds are discarded. With neither no signature is
# checked, and sets are only held to their own Merkle root.
leader = ""
leader_file = ""

# Those of `ports` that repair responses come to: their payloads carry a nonce behind the shred.
repair_ports = []

# How many shreds of a kind a slot may have.
index_limit = 32768

# Sums up the content_digest of all finished FEC sets, rebuilt shreds included, which is printed at the end:
# whether hosts of a Turbine tree know the same. For tests, with stage = "full": it costs a SHA-256 a shred.
digest = false

[outlet]

# Where other processes of this host get what was received, in shared memory: a Unix socket by its path, or an
# abstract one by a name that begins with '@'; empty: there is no outlet. With shreds.stage = "full" they get
# each honest shred once, with "off" every datagram of `ports`. The readers' side is one C header,
# penstock_shreds.h; whoever may connect may read, and cannot disturb.
socket = ""

# A UDP socket of this host, as in "127.0.0.1:8001", that gets the same payloads as datagrams from loopback;
# empty: none. With companion = "external" it may be the validator's own TVU port: it then gets the slow way's
# from the host's stack as well, and what the shred stage has proven from here.
forward = ""

# How many payloads a reader may fall behind before it is overrun, a power of two; each takes 2 KiB.
depth = 8192

[capture]

# The folder where a thread of its own (pen-capture) writes every datagram of `ports` to pcapng files, for
# Wireshark, tcpdump -r and `runner replay`: tcpdump itself does not see what the fast path takes. Empty:
# none. The engine's user must be able to write there; the packaged unit has /var/lib/penstock. A disk that is
# too slow, full or broken costs datagrams of the capture, which are counted, and nothing else.
folder = ""

# How many MiB a file may have, and how many files are kept, those of earlier runs included: the oldest goes
# when a new one begins. Their product is what the disk needs room for.
file_mib = 64
files = 16

# With a shred stage: each datagram has what the stage made of it as its comment, as "accepted" or "refused:
# signature (...)", which Wireshark and tshark show and filter by (frame.comment). What overruns the stage is
# then not captured either; the stage copies each datagram, and works about an eighth slower.
verdicts = false

[receiver]

# Who holds the UDP ports in the host's own stack, and so receives what the fast path leaves to it (fragments,
# IP options, loopback, queues without a socket):
#   "own"       The engine: such datagrams reach it the slow way, counted apart.
#   "external"  Another program, which receives them in the engine's place.
#   "off"       Nobody: the host answers them with ICMP port-unreachable.
companion = "own"

# What the userspace filter takes off the queue: "udp" (IPv4 UDP that is not a fragment; ARP, TCP, SSH never
# leave the kernel) or "all".
scope = "udp"

# Where the XDP program runs: "native" (in the driver) or "generic" (in the stack; kernel filter only).
attach = "native"

# How the kernel filter looks ports up: "array", or "hash", which costs about 7 ns more a frame.
port_map = "array"

# What brings the XDP program into the kernel: "libbpf", or "direct" (bpf() system calls alone, for who wants
# to read all that the engine asks of the kernel). Both give it the same instructions.
loader = "libbpf"

# What pages of 2 MiB hold the frames, which saves a TLB miss a packet:
#   "auto"      Reserved ones (`sysctl vm.nr_hugepages`) where enough are free, else transparent ones where
#               the host has them, else none. The start says which.
#   "required"  Reserved ones, or it does not start.
#   "off"       None.
huge_pages = "auto"

# On how many of the interface's RX queues there is a socket, from queue 0 on; 0: on each. What arrives on the
# others passes to the host's stack, and with companion = "own" to the engine from there.
sockets = 0

# Entries of each RX ring, a power of two: the longest burst of a queue that finds the engine busy. The fill
# ring has four times as many.
rx_entries = 4096

# Frames of 2 KiB for each queue, at most twice rx_entries; 0: rx_entries and 128 more, or twice rx_entries
# with zero-copy, where the NIC's own ring holds some.
fill_frames = 0

# Lines of the userspace filter's return link, a power of two: how many frames the return thread may fall
# behind. 4096 are the 100 ms for which the dead-man's switch lets it hang, at 40,000 frames/s.
return_depth = 4096

# A longer datagram is thrown away, counted as `oversize`. A shred has 1,228 bytes, from repair 1,232.
max_payload = 1472

# Looks through VLAN tags whose identifier is 0. Not where a VLAN device with identifier 0 exists.
vlan = false

# Takes plain IPv6/UDP as well.
ipv6 = false

# Leaves frames with a wrong UDP checksum to the kernel, which drops them. Off, since signatures cover a
# shred's bytes, and since frames from a local veth peer carry half a checksum.
verify_udp_checksum = false

[threads]

# What the net thread does when there is nothing:
#   "block"     Sleeps in the kernel. The choice where the interface's interrupts or NAPI run on the same
#               core: there spinning loses most of the traffic.
#   "adaptive"  Asks for another millisecond, then sleeps.
#   "spin"      Goes on asking: the shortest latency for a whole core.
#   "busy_poll" Goes on, and has the kernel receive within its own calls, on the same core (preferred busy
#               polling): no interrupts while there is traffic. Needs napi_defer_hard_irqs = 2 and
#               gro_flush_timeout = 200000 in /sys/class/net/IFACE, or softirqs win the race.
# A thread that finds the kernel receiving on its core says so, and sleeps instead of asking.
wait = "block"

# With "busy_poll": how long a call may wait for the NIC, in microseconds, and how many frames it takes.
busy_poll_us = 20
busy_poll_budget = 64

# How many net threads (pen-net, pen-net1, ...) share the interface's queues, each with its own; at most one a
# queue, and one alone without AF_XDP. Each has links of its own, of `link_depth` lines a port, and with the
# userspace filter a return thread of its own.
net_tiles = 1

# The CPUs that the net threads are pinned to, the first thread to the first of the list; those that it leaves
# out run anywhere. The queues' interrupts or NAPI threads belong on other cores.
net_cpus = []

# The CPU of the userspace filter's return threads (pen-return); -1: any.
return_cpu = -1

# What happens when one of the threads stands still for a second, which is always said and counted as
# tile_stalls:
#   "exit"    `penstock run` ends at once with status 3, for its supervisor to start it again; the host's
#             stack gets everything meanwhile.
#   "report"  It goes on, and says when the thread does.
# A machine that stands still as a whole is no such case.
on_stall = "exit"

[metrics]

# Where /metrics (Prometheus), /healthz and /readyz are served, by numbers: "127.0.0.1:9184" or "[::1]:9184".
# Port 0: the kernel chooses, and the start says which. "": nowhere. There is neither password nor TLS: leave
# it on loopback, or put something before it that has them. An address that is taken does not keep the
# engine from receiving: it says so and goes on without.
listen = "127.0.0.1:9184"

[host]

# What `penstock configure init` sets on the host, `check` compares and `fini` puts back; `penstock run` sets
# none of it. With threads.wait = "busy_poll" the two timers of the interface that it needs are among it.

# Queues of the interface (ethtool -L); 0: as they are. Few enough that each has a socket and a core.
channels = 0

# Offloads of the interface to turn off: "lro" makes one frame of several before XDP sees them; "gro" does so
# behind it, and matters in generic mode.
offloads_off = []

# The CPUs that the interface's interrupts are bound to, in turn; empty: as they are. irqbalance would undo
# it.
irq_cpus = []

# Pages of 2 MiB to reserve at least (vm.nr_hugepages); the doctor says how many the frames need. 0: as it is.
huge_pages = 0

# Further sysctls, as in ["net.core.rmem_max=8388608"].
sysctls = []

# Where `init` records what it found, in a folder of root's own.
state = "/var/lib/penstock-configure/state.ndjson"
)toml";

}  // namespace

std::string_view default_run_config() {
  return kFile;
}

}  // namespace penstock
