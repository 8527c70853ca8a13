// The table of field-wise mutations.
#include "engine/classify/fuzz/field_mutations.h"

#include <algorithm>

namespace penstock {
namespace {

using Network = FrameParts::Network;
using Transport = FrameParts::Transport;
using Target = ClassifierConfig;

std::uint16_t swapped(std::uint16_t value) {
  return __builtin_bswap16(value);
}

// A 16-bit value that is wrong in one of the ways that matter: just beside the true one, at the ends of
// its range, in the wrong byte order, one bit off, anything.
std::uint16_t lie(std::uint16_t truth, Random& random) {
  switch (random.below(8)) {
    case 0:
      return static_cast<std::uint16_t>(truth + 1);
    case 1:
      return static_cast<std::uint16_t>(truth - 1);
    case 2:
      return swapped(truth);
    case 3:
      return static_cast<std::uint16_t>(truth ^ 1u << random.below(16));
    case 4:
      return static_cast<std::uint16_t>(truth + random.below(129) - 64);
    case 5:
      return random.chance(500'000) ? 0 : 0xffff;
    case 6:
      return static_cast<std::uint16_t>(random.below(64));
    default:
      return static_cast<std::uint16_t>(random.below(65'536));
  }
}

void set_port(FrameParts& parts, const Target& target, Random& random) {
  static constexpr std::uint16_t kServices[] = {0, 53, 123, 443, 4789, 65535};
  parts.udp.destination_port =
      random.chance(200'000) ? pick(random, kServices) : lie(pick(random, target.ports), random);
}

void swap_ports(FrameParts& parts, const Target&, Random&) {
  std::swap(parts.udp.source_port, parts.udp.destination_port);
}

// Options that Linux accepts, and bytes that may be anything.
void set_options(FrameParts& parts, const Target&, Random& random) {
  const std::size_t bytes = 4 * random.between(1, 10);
  parts.ip.options.assign(bytes, std::byte{1});  // no-operation
  if (random.chance(500'000)) return;
  random.fill(parts.ip.options);
  if (random.chance(500'000)) parts.ip.options[0] = std::byte{0};  // end of list
}

void set_ihl(FrameParts& parts, const Target&, Random& random) {
  parts.ip.ihl = static_cast<std::uint8_t>(random.chance(700'000) ? random.below(5) : random.below(16));
}

void set_version(FrameParts& parts, const Target&, Random& random) {
  parts.ip.version = static_cast<std::uint8_t>(random.below(16));
}

void set_fragment(FrameParts& parts, const Target&, Random& random) {
  parts.ip.more_fragments = random.chance(500'000);
  if (!parts.ip.more_fragments || random.chance(500'000)) {
    parts.ip.fragment_offset =
        static_cast<std::uint16_t>(random.chance(500'000) ? random.between(1, 200) : random.below(0x2000));
  }
}

void set_ip_length(FrameParts& parts, const Target&, Random& random) {
  static constexpr std::uint16_t kEdges[] = {0, 19, 20, 21, 27, 28, 29};
  const std::size_t after_link = parts.header_bytes() - parts.ethernet.size() - 4 * parts.tags.size();
  const auto truth = static_cast<std::uint16_t>(after_link + parts.payload);
  const std::uint16_t ip4 = random.chance(300'000) ? pick(random, kEdges) : lie(truth, random);
  parts.ip.total_length = ip4;
  parts.ip6.payload_length = static_cast<std::uint16_t>(ip4 - (ip4 < 40 ? 20 : 40));
}

void set_udp_length(FrameParts& parts, const Target&, Random& random) {
  static constexpr std::uint16_t kEdges[] = {0, 1, 7, 8, 9};
  const auto truth = static_cast<std::uint16_t>(8 + parts.payload);
  parts.udp.length = random.chance(400'000) ? pick(random, kEdges) : lie(truth, random);
}

void spoil_ip_checksum(FrameParts& parts, const Target&, Random& random) {
  parts.ip.checksum = random.chance(700'000) ? ChecksumMode::kBad : ChecksumMode::kZero;
}

void set_udp_checksum(FrameParts& parts, const Target&, Random& random) {
  static constexpr ChecksumMode kModes[] = {ChecksumMode::kZero, ChecksumMode::kBad, ChecksumMode::kPartial,
                                            ChecksumMode::kGood};
  parts.udp.checksum = pick(random, kModes);
}

void set_protocol(FrameParts& parts, const Target&, Random& random) {
  static constexpr std::uint8_t kNext[] = {0, 1, 6, 16, 18, 41, 43, 44, 47, 50, 51, 58, 59, 60, 135, 136};
  const auto next =
      static_cast<std::uint8_t>(random.chance(700'000) ? pick(random, kNext) : random.below(256));
  parts.ip.protocol = next;
  parts.ip6.next_header = next;
}

void make_tcp(FrameParts& parts, const Target& target, Random& random) {
  parts.transport = Transport::kTcp;
  parts.tcp.source_port = parts.udp.source_port;
  parts.tcp.destination_port = pick(random, target.ports);
  parts.tcp.flags = static_cast<std::uint8_t>(random.below(32));
}

void make_icmp(FrameParts& parts, const Target&, Random& random) {
  parts.transport = Transport::kIcmp;
  parts.icmp.reply = random.chance(500'000);
}

void make_gre(FrameParts& parts, const Target&, Random& random) {
  parts.transport = Transport::kGre;
  if (random.chance(300'000)) parts.gre.key = static_cast<std::uint32_t>(random.next());
}

void make_arp(FrameParts& parts, const Target& target, Random& random) {
  parts.network = Network::kArp;
  parts.arp = {.operation = static_cast<std::uint16_t>(random.between(1, 2)),
               .sender_mac = parts.ethernet.source,
               .sender_address = parts.ip.source,
               .target_address = pick(random, target.addresses)};
  parts.payload = 0;
}

void set_ethertype(FrameParts& parts, const Target&, Random& random) {
  static constexpr std::uint16_t kTypes[] = {0x0000, 0x05dc, 0x0806, 0x0801, 0x07ff, 0x8035, 0x88cc,
                                             0x88a7, 0x86dc, 0x8847, 0x8863, 0x9100, 0xffff};
  const std::uint16_t type = random.chance(600'000) ? pick(random, kTypes) : lie(kEthertypeIpv4, random);
  if (parts.tags.empty()) {
    parts.ethernet.ethertype = type;
  } else {
    parts.tags.back().ethertype = type;
  }
}

// IPv4 under IPv6's ethertype and the reverse.
void cross_ethertype(FrameParts& parts, const Target&, Random&) {
  const std::uint16_t type = parts.network == Network::kIpv6 ? kEthertypeIpv4 : kEthertypeIpv6;
  if (parts.tags.empty()) {
    parts.ethernet.ethertype = type;
  } else {
    parts.tags.back().ethertype = type;
  }
}

void bare_payload(FrameParts& parts, const Target&, Random& random) {
  static constexpr std::uint16_t kTypes[] = {kEthertypeIpv4, kEthertypeIpv6, kEthertypeVlan, kEthertypeArp};
  parts.network = Network::kNone;
  parts.ethernet.ethertype = pick(random, kTypes);
}

void set_tags(FrameParts& parts, const Target&, Random& random) {
  parts.tags.clear();
  for (std::uint64_t tags = random.between(1, 3); tags > 0; --tags) {
    const std::uint64_t vid = random.chance(500'000) ? 0 : random.below(4'096);
    parts.tags.push_back({.vid = static_cast<std::uint16_t>(vid),
                          .priority = static_cast<std::uint8_t>(random.below(8)),
                          .tag_type = random.chance(500'000) ? kEthertypeVlan : kEthertypeQinQ});
  }
}

void make_ipv6(FrameParts& parts, const Target&, Random&) {
  parts.network = Network::kIpv6;
}

void set_extension(FrameParts& parts, const Target&, Random& random) {
  static constexpr std::uint8_t kTypes[] = {0, 43, 44, 60, 135};
  parts.network = Network::kIpv6;
  parts.extension = pick(random, kTypes);
}

void set_mac(FrameParts& parts, const Target&, Random& random) {
  static constexpr MacAddress kMacs[] = {{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
                                         {{0x01, 0x00, 0x5e, 0, 0, 1}},
                                         {{0x33, 0x33, 0, 0, 0, 1}},
                                         {{0, 0, 0, 0, 0, 0}}};
  if (random.chance(300'000)) {
    parts.ethernet.destination = pick(random, kMacs);
  } else {
    parts.ethernet.destination.bytes[random.below(6)] ^= static_cast<std::uint8_t>(1u << random.below(8));
  }
}

void set_martian_source(FrameParts& parts, const Target&, Random& random) {
  static constexpr Ipv4Address kSources[] = {
      {{127, 0, 0, 1}},       {{127, 255, 255, 255}}, {{0, 0, 0, 0}},         {{224, 0, 0, 1}},
      {{239, 255, 255, 255}}, {{255, 255, 255, 255}}, {{255, 255, 255, 254}}, {{223, 255, 255, 255}}};
  static constexpr std::uint8_t kTops[][4] = {
      {0, 0, 0, 0}, {0xff, 2, 0, 0}, {0xff, 0, 0, 0}, {0xfe, 0x80, 0, 0}};
  parts.ip.source = pick(random, kSources);
  parts.ip6.source = {};
  const auto& top = pick(random, kTops);
  std::copy(std::begin(top), std::end(top), parts.ip6.source.begin());
  if (random.chance(500'000)) parts.ip6.source[10] = parts.ip6.source[11] = 0xff;  // mapped
  parts.ip6.source[15] = static_cast<std::uint8_t>(random.below(3));
}

void set_own_source(FrameParts& parts, const Target& target, Random& random) {
  parts.ip.source = pick(random, target.addresses);
  parts.ip6.source = pick(random, target.ipv6_addresses).bytes;
}

void set_destination(FrameParts& parts, const Target& target, Random& random) {
  static constexpr Ipv4Address kDestinations[] = {{{127, 0, 0, 1}},  {{224, 0, 0, 1}},
                                                  {{0, 0, 0, 0}},    {{255, 255, 255, 255}},
                                                  {{10, 1, 0, 255}}, {{239, 1, 2, 3}}};
  if (random.chance(300'000)) {
    parts.ip.destination = pick(random, kDestinations);
    parts.ip6.destination = {static_cast<std::uint8_t>(random.chance(500'000) ? 0xff : 0), 2};
    return;
  }
  // One bit beside one of ours: another's, or another one of ours.
  parts.ip.destination = pick(random, target.addresses);
  parts.ip.destination.bytes[random.below(4)] ^= static_cast<std::uint8_t>(1u << random.below(8));
  parts.ip6.destination[random.below(16)] ^= static_cast<std::uint8_t>(1u << random.below(8));
}

void set_payload(FrameParts& parts, const Target& target, Random& random) {
  parts.udp.length.reset();
  parts.padding = 0;
  parts.payload = draw_payload(target, parts.header_bytes(), random);
}

void lengthen(FrameParts& parts, const Target& target, Random& random) {
  const std::size_t headers = parts.header_bytes();
  const std::size_t shortest = std::min<std::size_t>(target.max_frame, kMaxMutatedFrame);
  parts.padding = 0;
  parts.payload = random.between(shortest, kMaxMutatedFrame) - headers;
}

constexpr FieldMutation kMutations[] = {
    {"port", 10, set_port},
    {"swapped ports", 1, swap_ports},
    {"IP options", 5, set_options},
    {"IHL", 5, set_ihl},
    {"IP version", 4, set_version},
    {"fragment", 6, set_fragment},
    {"IP length", 8, set_ip_length},
    {"UDP length", 8, set_udp_length},
    {"IP checksum", 6, spoil_ip_checksum},
    {"UDP checksum", 6, set_udp_checksum},
    {"protocol", 4, set_protocol},
    {"TCP", 2, make_tcp},
    {"ICMP", 2, make_icmp},
    {"GRE", 4, make_gre},
    {"ARP", 2, make_arp},
    {"ethertype", 4, set_ethertype},
    {"crossed ethertypes", 2, cross_ethertype},
    {"no headers", 2, bare_payload},
    {"tags", 6, set_tags},
    {"IPv6", 3, make_ipv6},
    {"IPv6 extension", 3, set_extension},
    {"MAC", 6, set_mac},
    {"martian source", 5, set_martian_source},
    {"own source", 4, set_own_source},
    {"destination", 7, set_destination},
    {"payload", 4, set_payload},
    {"oversize", 5, lengthen},
};

constexpr std::uint32_t kTotalWeight = [] {
  std::uint32_t total = 0;
  for (const FieldMutation& mutation : kMutations)
    total += mutation.weight;
  return total;
}();

}  // namespace

std::span<const FieldMutation> field_mutations() {
  return kMutations;
}

void mutate_fields(FrameParts& parts, const ClassifierConfig& target, Random& random) {
  std::uint64_t at = random.below(kTotalWeight);
  for (const FieldMutation& mutation : kMutations) {
    if (at < mutation.weight) return mutation.apply(parts, target, random);
    at -= mutation.weight;
  }
}

}  // namespace penstock
