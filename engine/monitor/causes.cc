// The sentences.
#include "engine/monitor/causes.h"

namespace penstock {
namespace {

constexpr PassCause kPassCauses[] = {
    {PENSTOCK_ENGINE_STALLED, Evidence::kOurs,
     "the engine does not come round every 100 ms, so the XDP program passes all frames to the host "
     "({count})",
     "`top -H -p $(pidof penstock)` shows which of its threads gets no CPU"},
    {PENSTOCK_NO_SOCKET, Evidence::kOurs,
     "frames for port {ports} arrive on queues without a socket ({count}): there are sockets on {sockets} of "
     "{queues} queues",
     "`ethtool -L {interface} combined {sockets}`, or `sockets = 0` in [receiver] and a restart"},
    {PENSTOCK_DESTINATION, Evidence::kOurs,
     "datagrams for port {ports} arrive for an address that this host does not have ({count})",
     "`ip address show` lists what it has; `tcpdump -nc 5 -i {interface} udp port {port}` shows where they "
     "go"},
    {PENSTOCK_DESTINATION_MAC, Evidence::kOurs,
     "datagrams for port {ports} arrive for another station's MAC, broadcast or multicast ({count})",
     "`ip link show {interface}` shows its MAC; `tcpdump -enc 5 -i {interface} udp port {port}` shows "
     "theirs"},
    {PENSTOCK_MARTIAN_SOURCE, Evidence::kOurs,
     "datagrams for port {ports} come from addresses that nobody may have ({count})",
     "`tcpdump -nc 5 -i {interface} udp port {port}` shows who sends them"},
    {PENSTOCK_OWN_SOURCE, Evidence::kOurs,
     "datagrams for port {ports} come from an address of this very host ({count})",
     "`tcpdump -enc 5 -i {interface} udp port {port}` shows whose MAC sends them"},
    {PENSTOCK_OVERSIZE, Evidence::kOurs,
     "frames for port {ports} are longer than a chunk of the UMEM holds ({count})",
     "`ip link set dev {interface} mtu 1500`"},
    {PENSTOCK_IP_CHECKSUM, Evidence::kOurs, "datagrams for port {ports} have a bad IPv4 checksum ({count})",
     "`tcpdump -vvnc 5 -i {interface} udp port {port}` shows who sends them"},
    {PENSTOCK_UDP_CHECKSUM, Evidence::kOurs, "datagrams for port {ports} have a bad UDP checksum ({count})",
     "`verify_udp_checksum = false` in [receiver] and a restart; from a local veth peer: `ethtool -K DEV tx "
     "off` there"},
    {PENSTOCK_UDP_NO_CHECKSUM, Evidence::kOurs,
     "datagrams for port {ports} come over IPv6 without a UDP checksum ({count})",
     "`tcpdump -vvnc 5 -i {interface} udp port {port}` shows who sends them"},
    {PENSTOCK_UDP_LENGTH, Evidence::kOurs,
     "datagrams for port {ports} have a UDP length that does not fit ({count})",
     "`tcpdump -vvnc 5 -i {interface} udp port {port}` shows who sends them"},
    {PENSTOCK_GRE, Evidence::kHidden,
     "{share} % of the frames are GRE, into which the program does not look: what they carry is the tunnel "
     "device's",
     "`ip -d link show type gre` lists the tunnels; `tcpdump -nc 5 -i {interface} proto 47` shows what is "
     "inside"},
    {PENSTOCK_VLAN, Evidence::kHidden,
     "{share} % of the frames carry a VLAN tag: what they carry is the VLAN device's",
     "`ip -d link show type vlan` lists those; for priority tags `vlan = true` in [receiver] and a restart"},
    {PENSTOCK_IPV6, Evidence::kHidden, "{share} % of the frames are IPv6, which is not taken",
     "`ipv6 = true` in [receiver] and a restart"},
    {PENSTOCK_FRAGMENT, Evidence::kHidden,
     "{share} % of the frames are fragments, which only the host's stack can put together",
     "`tracepath ADDRESS` of the sender shows where the path's MTU is too small"},
    {PENSTOCK_IP_OPTIONS, Evidence::kHidden,
     "{share} % of the frames have IPv4 options, which are the host's stack's to judge",
     "`tcpdump -vvnc 5 -i {interface} 'ip[0] & 0xf > 5'` shows who sends them"},
    {PENSTOCK_IPV6_EXTENSION, Evidence::kHidden,
     "{share} % of the frames have IPv6 extension headers, which are the host's stack's to judge",
     "`tcpdump -vvnc 5 -i {interface} ip6` shows who sends them"},
};

constexpr const char* kContactInfo =
    "`agave-validator --ledger LEDGER contact-info` names the cluster's shred version and the TVU port";

constexpr RejectCause kRejectCauses[] = {
    {RejectReason::kVersion,
     "shreds arrive, but of another shred version than {version}, which [shreds] asks for ({count})",
     kContactInfo},
    {RejectReason::kLeader,
     "shreds arrive, but nobody is known as the leader of their slots ({count}): the leader file is of "
     "another "
     "epoch or cluster",
     "`solana leader-schedule > FILE`, the `leader_file` of [shreds], and `penstock reload`"},
    {RejectReason::kSignature,
     "shreds arrive, but are not signed by who leads their slots as configured ({count})",
     "`solana leader-schedule > FILE`, the `leader_file` of [shreds], and `penstock reload`"},
    {RejectReason::kSlotWindow,
     "shreds arrive, but their slots are too far from those that arrived before ({count})",
     "`solana slot` says where the cluster is; a restart begins anew from what arrives"},
    {RejectReason::kLength,
     "datagrams arrive on port {ports}, but have not a shred's length ({count}): another protocol's port, or "
     "repair responses on a port that `repair_ports` of [shreds] does not list",
     kContactInfo},
    {RejectReason::kVariant, "datagrams arrive on port {ports}, but are no shreds ({count})", kContactInfo},
};

constexpr RejectCause kOther = {
    RejectReason::kNone, "shreds arrive, and are discarded as {reason} ({count}): {meaning}",
    "`penstock shreds --pcap FILE --port {port}` says the same of a capture, shred by shred"};

}  // namespace

std::span<const PassCause> pass_causes() {
  return kPassCauses;
}

std::span<const RejectCause> reject_causes() {
  return kRejectCauses;
}

const RejectCause& other_reject_cause() {
  return kOther;
}

}  // namespace penstock
