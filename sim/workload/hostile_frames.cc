// Hostile and odd frames: Ethernet, IPv4, UDP, and the addresses in them.
#include <array>
#include <vector>

#include "engine/packet/frame_builder.h"
#include "sim/workload/hostile_maker.h"

namespace penstock {
namespace {

using M = HostileMaker;
constexpr auto kFrame = HostileLevel::kFrame;
constexpr auto kAddress = HostileLevel::kAddress;
constexpr std::string_view kVariant = "variant";  // what the shred tile makes of the payload
constexpr std::size_t kSmuggled = 20;             // bytes behind the end that a length states
constexpr std::size_t kFragmentStep = 104;        // a multiple of 8

std::vector<std::byte> options(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values)
    bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

constexpr auto kUdpAll = static_cast<std::uint16_t>(8 + M::kPayloadBytes);
constexpr auto kIpAll = static_cast<std::uint16_t>(20 + kUdpAll);

template <typename Change>
void with_ip(M& m, Change&& change) {
  Ipv4Header ip = m.ip();
  change(ip);
  m.add_udp(ip);
}

template <typename Change>
void with_udp(M& m, Change&& change, std::size_t padding = 0) {
  UdpHeader udp = m.udp();
  change(udp);
  m.add_udp(udp, padding);
}

template <typename Change>
void with_ethernet(M& m, Change&& change) {
  EthernetHeader ethernet = m.ethernet();
  change(ethernet);
  m.add_udp(ethernet);
}

void with_header_before_ip(M& m, const Header& header) {
  FrameBuilder builder;
  builder.add(m.ethernet()).add(header).add(m.ip()).add(m.udp()).payload(m.payload());
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
    HostileIngredient{"udp_length_short",
                      "UDP length before the end of IP: smuggled bytes behind it",
                      kFrame,
                      Fate::kFast,
                      kVariant,
                      {},
                      [](M& m) { with_udp(m, [](UdpHeader& udp) { udp.length = kUdpAll - kSmuggled; }); }},
    HostileIngredient{"ethernet_padding",
                      "IP total length before the end of the frame",
                      kFrame,
                      Fate::kFast,
                      kVariant,
                      {},
                      [](M& m) {
                        with_udp(
                            m, [](UdpHeader&) {}, kSmuggled);
                      }},
    HostileIngredient{"ip_length_beyond_frame",
                      "IP total length behind the end of the frame",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) { ip.total_length = kIpAll + 1; }); }},
    HostileIngredient{"ip_length_without_udp",
                      "IP total length of 20 to 27: no room for a UDP header",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) {
                        const auto length = static_cast<std::uint16_t>(m.random().between(20, 27));
                        with_ip(m, [&](Ipv4Header& ip) { ip.total_length = length; });
                      }},
    HostileIngredient{"udp_length_beyond_frame",
                      "UDP length behind the end of the frame",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_udp(m, [](UdpHeader& udp) { udp.length = kUdpAll + kSmuggled; }); }},
    HostileIngredient{"udp_length_beyond_ip",
                      "UDP length behind the end of IP, but inside the frame",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) {
                        with_udp(
                            m, [](UdpHeader& udp) { udp.length = kUdpAll + 4; }, kSmuggled);
                      }},
    HostileIngredient{"udp_length_below_8",
                      "UDP length of 0 to 7",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) {
                        const auto length = static_cast<std::uint16_t>(m.random().below(8));
                        with_udp(m, [&](UdpHeader& udp) { udp.length = length; });
                      }},
    HostileIngredient{"empty_datagram", "UDP length 8", kFrame, Fate::kFast, "length", {}, empty_datagram},
    HostileIngredient{"bad_ip_checksum",
                      "IPv4 header checksum off by one bit",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) { ip.checksum = ChecksumMode::kBad; }); }},
    HostileIngredient{"bad_udp_checksum",
                      "UDP checksum off by one bit",
                      kFrame,
                      Fate::kUnchecked,
                      kVariant,
                      {},
                      [](M& m) { with_udp(m, [](UdpHeader& udp) { udp.checksum = ChecksumMode::kBad; }); }},
    HostileIngredient{"udp_checksum_zero",
                      "UDP checksum 0: none",
                      kFrame,
                      Fate::kFast,
                      kVariant,
                      {},
                      [](M& m) { with_udp(m, [](UdpHeader& udp) { udp.checksum = ChecksumMode::kZero; }); }},
    HostileIngredient{"fragments",
                      "one datagram in fragments, in order",
                      kFrame,
                      Fate::kFragment,
                      kVariant,
                      {},
                      [](M& m) {
                        for (const auto& part : fragments(m))
                          m.add_as_is(part);
                      }},
    HostileIngredient{"fragments_reversed",
                      "one datagram in fragments, last first",
                      kFrame,
                      Fate::kFragment,
                      kVariant,
                      {},
                      [](M& m) {
                        const auto parts = fragments(m);
                        for (std::size_t i = parts.size(); i-- > 0;)
                          m.add_as_is(parts[i]);
                      }},
    HostileIngredient{"first_fragment_only",
                      "a first fragment whose rest never comes",
                      kFrame,
                      Fate::kFragment,
                      {},
                      {},
                      [](M& m) { m.add_as_is(fragments(m).front()); }},
    HostileIngredient{"crafted_later_fragment",
                      "a later fragment whose bytes read as a UDP header to the port",
                      kFrame,
                      Fate::kFragment,
                      {},
                      {},
                      crafted_later_fragment},
    HostileIngredient{"ip_options_noop",
                      "IPv4 options of no meaning",
                      kFrame,
                      Fate::kSlow,
                      kVariant,
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) {
                                   ip.options = options({1, 1, 1, 0});
                                 }); }},
    HostileIngredient{"ip_options_record_route",
                      "IPv4 record route",
                      kFrame,
                      Fate::kSlow,
                      kVariant,
                      {},
                      [](M& m) {
                        with_ip(m, [](Ipv4Header& ip) { ip.options = options({7, 7, 4, 0, 0, 0, 0, 0}); });
                      }},
    HostileIngredient{"ip_options_malformed",
                      "an IPv4 option longer than the header",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) {
                                   ip.options = options({148, 9, 0, 0});
                                 }); }},
    HostileIngredient{"ip_options_source_route",
                      "IPv4 loose source route",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) {
                        with_ip(m, [](Ipv4Header& ip) {
                          ip.options = options({131, 7, 4, 198, 18, 0, 9, 0});
                        });
                      }},
    HostileIngredient{"ihl_below_5",
                      "IHL of 0 to 4",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) {
                        const auto ihl = static_cast<std::uint8_t>(m.random().below(5));
                        with_ip(m, [&](Ipv4Header& ip) { ip.ihl = ihl; });
                      }},
    HostileIngredient{"ip_version",
                      "version nibble 6 under the ethertype of IPv4",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) { ip.version = 6; }); }},
    HostileIngredient{"vlan",
                      "802.1Q tag of a VLAN that is not there",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_header_before_ip(m, VlanTag{.vid = 7}); }},
    HostileIngredient{"vlan_priority",
                      "802.1Q tag with VID 0",
                      kFrame,
                      Fate::kSlow,
                      kVariant,
                      {},
                      [](M& m) { with_header_before_ip(m, VlanTag{.priority = 5}); }},
    HostileIngredient{"qinq",
                      "802.1ad tag of a VLAN that is not there",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_header_before_ip(m, VlanTag{.vid = 7, .tag_type = kEthertypeQinQ}); }},
    HostileIngredient{
        "gre", "the datagram inside GRE", kFrame, Fate::kHost, {}, {}, [](M& m) { gre(m, {}); }},
    HostileIngredient{"gre_key",
                      "the datagram inside GRE with a key",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { gre(m, {.key = 7}); }},
    HostileIngredient{
        "ipv6", "the datagram over IPv6", kFrame, Fate::kHost, {}, {}, [](M& m) { ipv6_udp(m, false); }},
    HostileIngredient{"ipv6_extension",
                      "IPv6 with a hop-by-hop header",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { ipv6_udp(m, true); }},
    HostileIngredient{"ttl_zero",
                      "TTL 0",
                      kFrame,
                      Fate::kFast,
                      kVariant,
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) { ip.ttl = 0; }); }},
    HostileIngredient{"reserved_fragment_bit",
                      "the reserved bit beside DF and MF",
                      kFrame,
                      Fate::kFast,
                      kVariant,
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) { ip.reserved_bit = true; }); }},
    HostileIngredient{"source_port_zero",
                      "source port 0",
                      kFrame,
                      Fate::kFast,
                      kVariant,
                      {},
                      [](M& m) { with_udp(m, [](UdpHeader& udp) { udp.source_port = 0; }); }},
    HostileIngredient{
        "other_ethertype",
        "an ethertype that nobody knows",
        kFrame,
        Fate::kHost,
        {},
        {},
        [](M& m) { with_ethernet(m, [](EthernetHeader& ethernet) { ethernet.ethertype = 0x1234; }); }},
    HostileIngredient{"unlisted_protocol",
                      "IP protocol 253",
                      kFrame,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) { ip.protocol = 253; }); }},
    HostileIngredient{"short_frame", "14 to 41 bytes", kFrame, Fate::kHost, {}, {}, short_frame},
    HostileIngredient{"oversize",
                      "longer than a UMEM chunk holds",
                      kFrame,
                      Fate::kSlow,
                      {},
                      HostileNeeds::kJumboFrames,
                      oversize},
};

const std::array kAddresses = {
    HostileIngredient{"source_multicast",
                      "source 224.0.0.5",
                      kAddress,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) {
                                   ip.source = {{224, 0, 0, 5}};
                                 }); }},
    HostileIngredient{"source_broadcast",
                      "source 255.255.255.255",
                      kAddress,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) {
                                   ip.source = {{255, 255, 255, 255}};
                                 }); }},
    HostileIngredient{"source_loopback",
                      "source 127.0.0.1",
                      kAddress,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) {
                                   ip.source = {{127, 0, 0, 1}};
                                 }); }},
    HostileIngredient{"source_zero",
                      "source 0.0.0.0",
                      kAddress,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) { ip.source = {}; }); }},
    HostileIngredient{"own_source",
                      "the receiver's own address as source",
                      kAddress,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) { ip.source = ip.destination; }); }},
    HostileIngredient{"source_this_network",
                      "source in 0/8",
                      kAddress,
                      Fate::kFast,
                      kVariant,
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) { ip.source.bytes[0] = 0; }); }},
    HostileIngredient{"source_reserved",
                      "source in 240/4",
                      kAddress,
                      Fate::kFast,
                      kVariant,
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) { ip.source.bytes[0] = 240; }); }},
    HostileIngredient{"destination_other_host",
                      "an address that is not the receiver's",
                      kAddress,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) {
                                   ip.destination = {{203, 0, 113, 1}};
                                 }); }},
    HostileIngredient{"destination_loopback",
                      "destination 127.0.0.1 from outside",
                      kAddress,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) {
                                   ip.destination = {{127, 0, 0, 1}};
                                 }); }},
    HostileIngredient{"destination_multicast",
                      "destination 224.0.0.5",
                      kAddress,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) { with_ip(m, [](Ipv4Header& ip) {
                                   ip.destination = {{224, 0, 0, 5}};
                                 }); }},
    HostileIngredient{"destination_broadcast",
                      "destination 255.255.255.255",
                      kAddress,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) {
                        with_ip(m, [](Ipv4Header& ip) { ip.destination = {{255, 255, 255, 255}}; });
                      }},
    HostileIngredient{"mac_other_station",
                      "another station's MAC address",
                      kAddress,
                      Fate::kHost,
                      {},
                      {},
                      [](M& m) {
                        with_ethernet(
                            m, [](EthernetHeader& ethernet) { ethernet.destination.bytes[5] ^= 0x80; });
                      }},
    HostileIngredient{"mac_broadcast",
                      "the broadcast MAC address",
                      kAddress,
                      Fate::kSlow,
                      kVariant,
                      {},
                      [](M& m) {
                        with_ethernet(m, [](EthernetHeader& ethernet) {
                          ethernet.destination = {{255, 255, 255, 255, 255, 255}};
                        });
                      }},
    HostileIngredient{"mac_multicast",
                      "a multicast MAC address",
                      kAddress,
                      Fate::kSlow,
                      kVariant,
                      {},
                      [](M& m) {
                        with_ethernet(m, [](EthernetHeader& ethernet) {
                          ethernet.destination = {{1, 0, 0x5e, 0, 0, 5}};
                        });
                      }},
};

}  // namespace

std::span<const HostileIngredient> hostile_frames() {
  return kFrames;
}
std::span<const HostileIngredient> hostile_addresses() {
  return kAddresses;
}

}  // namespace penstock
