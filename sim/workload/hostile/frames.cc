// Hostile and odd frames: what Ethernet, IPv4 and UDP headers can have wrong.
#include <algorithm>
#include <array>
#include <vector>

#include "engine/packet/frame_builder.h"
#include "sim/workload/hostile/maker.h"

namespace penstock {
namespace {

using M = HostileMaker;
using enum Fate;

constexpr std::size_t kSmuggled = 20;       // bytes behind the end that a length states
constexpr std::size_t kFragmentStep = 104;  // a multiple of 8
constexpr auto kUdpAll = static_cast<std::uint16_t>(8 + M::kPayloadBytes);
constexpr auto kIpAll = static_cast<std::uint16_t>(20 + kUdpAll);

std::vector<std::byte> options(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values)
    bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

void ip_length_without_udp(M& m) {
  Ipv4Header ip = m.ip();
  ip.total_length = static_cast<std::uint16_t>(m.random().between(20, 27));
  m.add_udp(m.ethernet(), ip, m.udp());
}

void udp_length_below_8(M& m) {
  UdpHeader udp = m.udp();
  udp.length = static_cast<std::uint16_t>(m.random().below(8));
  m.add_udp(m.ethernet(), m.ip(), udp);
}

void ihl_below_5(M& m) {
  Ipv4Header ip = m.ip();
  ip.ihl = static_cast<std::uint8_t>(m.random().below(5));
  m.add_udp(m.ethernet(), ip, m.udp());
}

void with_tag(M& m, const VlanTag& tag) {
  FrameBuilder builder;
  builder.add(m.ethernet()).add(tag).add(m.ip()).add(m.udp()).payload(m.payload());
  m.add(builder);
}

// The fragments of one good datagram, in order; each is a frame.
std::vector<std::vector<std::byte>> fragments(M& m) {
  Ipv4Header ip = m.ip();
  ip.dont_fragment = false;
  FrameBuilder whole;
  const auto frame = whole.add(m.ethernet()).add(ip).add(m.udp()).payload(m.payload()).build();
  const std::span<const std::byte> datagram = std::span(frame).subspan(34);
  ip.protocol = kProtocolUdp;
  std::vector<std::vector<std::byte>> parts;
  for (std::size_t at = 0; at < datagram.size(); at += kFragmentStep) {
    const std::size_t length = std::min(kFragmentStep, datagram.size() - at);
    ip.fragment_offset = static_cast<std::uint16_t>(at / 8);
    ip.more_fragments = at + length < datagram.size();
    parts.push_back(FrameBuilder().add(m.ethernet()).add(ip).payload(datagram.subspan(at, length)).build());
  }
  return parts;
}

void fragments_in_order(M& m) {
  for (const auto& part : fragments(m))
    m.add_as_is(part);
}

void fragments_reversed(M& m) {
  const auto parts = fragments(m);
  for (std::size_t i = parts.size(); i-- > 0;)
    m.add_as_is(parts[i]);
}

void first_fragment_only(M& m) {
  m.add_as_is(fragments(m).front());
}

// A later fragment whose first bytes read as a UDP header to the TVU port.
void crafted_later_fragment(M& m) {
  Ipv4Header ip = m.ip();
  ip.dont_fragment = false;
  ip.fragment_offset = 185;
  FrameBuilder builder;
  builder.add(m.ethernet()).add(ip).add(m.udp()).payload(m.payload());
  m.add(builder);
}

void gre(M& m, const GreHeader& header) {
  FrameBuilder builder;
  builder.add(m.ethernet()).add(m.ip()).add(header).add(m.ip()).add(m.udp()).payload(m.payload());
  m.add(builder);
}

// IPv6 addresses out of the IPv4 ones: ::ffff:a.b.c.d would be martian, so 2001:db8::a.b.c.d.
Ipv6Header ipv6(M& m) {
  Ipv6Header ip;
  for (auto* address : {&ip.source, &ip.destination}) {
    (*address)[0] = 0x20, (*address)[1] = 0x01, (*address)[2] = 0x0d, (*address)[3] = 0xb8;
  }
  const Ipv4Header ipv4 = m.ip();
  std::copy(ipv4.source.bytes.begin(), ipv4.source.bytes.end(), ip.source.begin() + 12);
  std::copy(ipv4.destination.bytes.begin(), ipv4.destination.bytes.end(), ip.destination.begin() + 12);
  return ip;
}

void ipv6_udp(M& m, bool extension_header) {
  Ipv6Header ip = ipv6(m);
  if (extension_header) ip.next_header = 0;  // the UDP header stands where hop-by-hop options would
  FrameBuilder builder;
  builder.add(m.ethernet()).add(ip).add(m.udp()).payload(m.payload());
  m.add(builder);
}

// Cut inside a header: 14 to 41 bytes, as only a veth can carry them.
void short_frame(M& m) {
  FrameBuilder builder;
  const auto frame = builder.add(m.ethernet()).add(m.ip()).add(m.udp()).build();
  m.add_as_is(std::span(frame).first(m.random().between(14, 41)));
}

void oversize(M& m) {
  constexpr std::size_t kBeyondChunk = 1'800;
  FrameBuilder builder;
  builder.add(m.ethernet()).add(m.ip()).add(m.udp()).payload(m.payload(kBeyondChunk));
  m.add(builder);
}

void empty_datagram(M& m) {
  FrameBuilder builder;
  builder.add(m.ethernet()).add(m.ip()).add(m.udp());
  m.add(builder);
}

const std::array kFrames = {
    delivered(kFast, "udp_length_short", "UDP length before the end of IP: smuggled bytes behind it",
              with_udp<[](UdpHeader& udp) { udp.length = kUdpAll - kSmuggled; }>),
    delivered(kFast, "ethernet_padding", "IP total length before the end of the frame",
              with_udp<[](UdpHeader&) {}, kSmuggled>),
    not_delivered(kHost, "ip_length_beyond_frame", "IP total length behind the end of the frame",
                  with_ip<[](Ipv4Header& ip) { ip.total_length = kIpAll + 1; }>),
    not_delivered(kHost, "ip_length_without_udp", "IP total length of 20 to 27: no room for a UDP header",
                  ip_length_without_udp),
    not_delivered(kHost, "udp_length_beyond_frame", "UDP length behind the end of the frame",
                  with_udp<[](UdpHeader& udp) { udp.length = kUdpAll + kSmuggled; }>),
    not_delivered(kHost, "udp_length_beyond_ip", "UDP length behind the end of IP, but inside the frame",
                  with_udp<[](UdpHeader& udp) { udp.length = kUdpAll + 4; }, kSmuggled>),
    not_delivered(kHost, "udp_length_below_8", "UDP length of 0 to 7", udp_length_below_8),
    delivered(kFast, "empty_datagram", "UDP length 8", empty_datagram, "length"),
    not_delivered(kHost, "bad_ip_checksum", "IPv4 header checksum off by one bit",
                  with_ip<[](Ipv4Header& ip) { ip.checksum = ChecksumMode::kBad; }>),
    delivered(kUnchecked, "bad_udp_checksum", "UDP checksum off by one bit",
              with_udp<[](UdpHeader& udp) { udp.checksum = ChecksumMode::kBad; }>),
    delivered(kFast, "udp_checksum_zero", "UDP checksum 0: none",
              with_udp<[](UdpHeader& udp) { udp.checksum = ChecksumMode::kZero; }>),
    delivered(kFragment, "fragments", "one datagram in fragments, in order", fragments_in_order),
    delivered(kFragment, "fragments_reversed", "one datagram in fragments, last first", fragments_reversed),
    not_delivered(kFragment, "first_fragment_only", "a first fragment whose rest never comes",
                  first_fragment_only),
    not_delivered(kFragment, "crafted_later_fragment",
                  "a later fragment whose bytes read as a UDP header to the port", crafted_later_fragment),
    delivered(kSlow, "ip_options_noop", "IPv4 options of no meaning", with_ip<[](Ipv4Header& ip) {
                ip.options = options({1, 1, 1, 0});
              }>),
    delivered(kSlow, "ip_options_record_route", "IPv4 record route", with_ip<[](Ipv4Header& ip) {
                ip.options = options({7, 7, 4, 0, 0, 0, 0, 0});
              }>),
    not_delivered(kHost, "ip_options_malformed", "an IPv4 option longer than the header",
                  with_ip<[](Ipv4Header& ip) {
                    ip.options = options({148, 9, 0, 0});
                  }>),
    not_delivered(kHost, "ip_options_source_route", "IPv4 loose source route", with_ip<[](Ipv4Header& ip) {
                    ip.options = options({131, 7, 4, 198, 18, 0, 9, 0});
                  }>),
    not_delivered(kHost, "ihl_below_5", "IHL of 0 to 4", ihl_below_5),
    not_delivered(kHost, "ip_version", "version nibble 6 under the ethertype of IPv4",
                  with_ip<[](Ipv4Header& ip) { ip.version = 6; }>),
    not_delivered(kHost, "vlan", "802.1Q tag of a VLAN that is not there",
                  [](M& m) { with_tag(m, VlanTag{.vid = 7}); }),
    delivered(kSlow, "vlan_priority", "802.1Q tag with VID 0",
              [](M& m) { with_tag(m, VlanTag{.priority = 5}); }),
    not_delivered(kHost, "qinq", "802.1ad tag of a VLAN that is not there",
                  [](M& m) { with_tag(m, VlanTag{.vid = 7, .tag_type = kEthertypeQinQ}); }),
    not_delivered(kHost, "gre", "the datagram inside GRE", [](M& m) { gre(m, {}); }),
    not_delivered(kHost, "gre_key", "the datagram inside GRE with a key", [](M& m) { gre(m, {.key = 7}); }),
    not_delivered(kHost, "ipv6", "the datagram over IPv6", [](M& m) { ipv6_udp(m, false); }),
    not_delivered(kHost, "ipv6_extension", "IPv6 with a hop-by-hop header", [](M& m) { ipv6_udp(m, true); }),
    delivered(kFast, "ttl_zero", "TTL 0", with_ip<[](Ipv4Header& ip) { ip.ttl = 0; }>),
    delivered(kFast, "reserved_fragment_bit", "the reserved bit beside DF and MF",
              with_ip<[](Ipv4Header& ip) { ip.reserved_bit = true; }>),
    delivered(kFast, "source_port_zero", "source port 0",
              with_udp<[](UdpHeader& udp) { udp.source_port = 0; }>),
    not_delivered(kHost, "other_ethertype", "an ethertype that nobody knows",
                  with_ethernet<[](EthernetHeader& ethernet) { ethernet.ethertype = 0x1234; }>),
    not_delivered(kHost, "unlisted_protocol", "IP protocol 253",
                  with_ip<[](Ipv4Header& ip) { ip.protocol = 253; }>),
    not_delivered(kHost, "short_frame", "14 to 41 bytes", short_frame),
    not_delivered(kSlow, "oversize", "longer than a UMEM chunk holds", oversize, HostileNeeds::kJumboFrames),
};

}  // namespace

std::span<const HostileIngredient> hostile_frames() {
  return kFrames;
}

}  // namespace penstock
