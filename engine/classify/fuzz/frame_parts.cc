// Drawing good frames, and the way from parts to bytes.
#include "engine/classify/fuzz/frame_parts.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/packet/byte_order.h"
#include "engine/packet/frame_builder.h"

namespace penstock {
namespace {

using Network = FrameParts::Network;
using Transport = FrameParts::Transport;

constexpr std::size_t kExtensionBytes = 8;
constexpr Ipv4Address kTunnelPeer{{198, 51, 100, 7}};  // inside GRE

std::size_t transport_bytes(const FrameParts& parts) {
  switch (parts.transport) {
    case Transport::kUdp:
      return parts.udp.size();
    case Transport::kTcp:
      return parts.tcp.size();
    case Transport::kIcmp:
      return parts.icmp.size();
    case Transport::kGre:
      return parts.gre.size() + parts.ip.size() + parts.udp.size();
    case Transport::kNone:
      return 0;
  }
  return 0;
}

void add_transport(const FrameParts& parts, FrameBuilder& builder) {
  switch (parts.transport) {
    case Transport::kUdp:
      builder.add(parts.udp);
      return;
    case Transport::kTcp:
      builder.add(parts.tcp);
      return;
    case Transport::kIcmp:
      builder.add(parts.icmp);
      return;
    case Transport::kGre: {
      Ipv4Header inner{.source = kTunnelPeer, .destination = parts.ip.destination, .id = parts.ip.id};
      builder.add(parts.gre).add(inner).add(parts.udp);
      return;
    }
    case Transport::kNone:
      return;
  }
}

// Puts an extension header between the IPv6 header at `ip` and what follows it; the transport's
// checksum does not cover it, so it stays right.
void insert_extension(std::vector<std::byte>& frame, std::size_t ip, std::uint8_t type, bool fix_length) {
  const std::size_t at = ip + 40;
  const std::byte next = frame[ip + 6];
  // Next header and length 0, which is 8 bytes; of options headers then a PadN option over the rest.
  const bool options = type == 0 || type == 60;
  const std::byte header[kExtensionBytes] = {
      next, {}, static_cast<std::byte>(options ? 1 : 0), static_cast<std::byte>(options ? 4 : 0)};
  frame.insert(frame.begin() + static_cast<std::ptrdiff_t>(at), header, header + kExtensionBytes);
  frame[ip + 6] = std::byte{type};
  if (fix_length)
    store_be16(&frame[ip + 4], static_cast<std::uint16_t>(load_be16(&frame[ip + 4]) + kExtensionBytes));
}

}  // namespace

std::size_t FrameParts::header_bytes() const {
  const std::size_t link = ethernet.size() + 4 * tags.size();
  switch (network) {
    case Network::kIpv4:
      return link + ip.size() + transport_bytes(*this);
    case Network::kIpv6:
      return link + ip6.size() + (extension ? kExtensionBytes : 0) + transport_bytes(*this);
    case Network::kArp:
      return link + arp.size();
    case Network::kNone:
      return link;
  }
  return link;
}

std::size_t draw_payload(const ClassifierConfig& target, std::size_t header_bytes, Random& random) {
  static constexpr std::size_t kShreds[] = {1203, 1228, 1207, 1232};
  const std::size_t room = kMaxMutatedFrame - header_bytes;
  const std::uint64_t kind = random.below(10);
  std::size_t bytes = 0;
  if (kind < 4) {
    bytes = pick(random, kShreds);
  } else if (kind < 7) {
    bytes = random.below(65);
  } else if (kind < 9) {
    bytes = random.below(1473);
  } else {
    // Frames of max_frame - 2 to max_frame + 2 bytes.
    bytes = target.max_frame + random.below(5);
    bytes = bytes > header_bytes + 2 ? bytes - header_bytes - 2 : 0;
  }
  return std::min(bytes, room);
}

FrameParts draw_frame(const ClassifierConfig& target, Random& random) {
  static constexpr Ipv4Address kSources[] = {{{192, 0, 2, 1}}, {{198, 51, 100, 255}},  {{0, 1, 2, 3}},
                                             {{240, 0, 0, 1}}, {{126, 255, 255, 255}}, {{128, 0, 0, 1}}};
  static constexpr std::uint8_t kTtls[] = {0, 1, 63, 64, 255};
  FrameParts parts;
  parts.ethernet = {.destination = *target.mac, .source = {{2, 0, 0, 0, 0, 1}}};
  parts.network = random.chance(target.ipv6 ? 350'000 : 30'000) ? Network::kIpv6 : Network::kIpv4;
  if (target.vlan && random.chance(200'000)) {
    for (std::uint64_t tags = random.between(1, 2); tags > 0; --tags) {
      parts.tags.push_back({.priority = static_cast<std::uint8_t>(random.below(8)),
                            .tag_type = random.chance(500'000) ? kEthertypeVlan : kEthertypeQinQ});
    }
  }

  parts.ip.source = pick(random, kSources);
  parts.ip.destination = pick(random, target.addresses);
  parts.ip.ttl = pick(random, kTtls);
  parts.ip.tos = static_cast<std::uint8_t>(random.below(256));
  parts.ip.dont_fragment = random.chance(500'000);
  parts.ip.reserved_bit = random.chance(50'000);
  parts.ip6.source = {0x20, 0x01, 0x0d, 0xb8, 0, 1};
  parts.ip6.source[15] = static_cast<std::uint8_t>(random.below(256));
  parts.ip6.destination = pick(random, target.ipv6_addresses).bytes;
  parts.ip6.hop_limit = parts.ip.ttl;

  parts.udp.source_port = static_cast<std::uint16_t>(random.below(65'536));
  parts.udp.destination_port = pick(random, target.ports);
  const std::uint64_t checksum = random.below(100);
  if (checksum < 10 && parts.network == Network::kIpv4)
    parts.udp.checksum = ChecksumMode::kZero;
  else if (checksum < 20)
    parts.udp.checksum = checksum < 15 ? ChecksumMode::kBad : ChecksumMode::kPartial;

  parts.payload = draw_payload(target, parts.header_bytes(), random);
  if (random.chance(300'000)) {
    const std::size_t room = kMaxMutatedFrame - parts.header_bytes() - parts.payload;
    parts.padding = random.below(std::min<std::size_t>(room, 64) + 1);
  }
  if (random.chance(100'000)) {
    // A UDP length short of the payload: the rest belongs to nobody.
    parts.udp.length = static_cast<std::uint16_t>(random.between(8, 8 + parts.payload));
  }
  return parts;
}

void write_frame(const FrameParts& parts, std::span<const std::byte> payload, std::vector<std::byte>& frame) {
  PENSTOCK_CHECK(parts.payload <= payload.size());
  FrameBuilder builder;
  builder.add(parts.ethernet);
  for (const VlanTag& tag : parts.tags)
    builder.add(tag);
  switch (parts.network) {
    case Network::kIpv4:
      builder.add(parts.ip);
      add_transport(parts, builder);
      break;
    case Network::kIpv6:
      builder.add(parts.ip6);
      add_transport(parts, builder);
      break;
    case Network::kArp:
      builder.add(parts.arp);
      break;
    case Network::kNone:
      break;
  }
  builder.payload(payload.first(parts.payload)).padding(parts.padding);
  frame.resize(builder.size());
  builder.write(frame);
  if (parts.network == Network::kIpv6 && parts.extension) {
    insert_extension(frame, parts.ethernet.size() + 4 * parts.tags.size(), *parts.extension,
                     !parts.ip6.payload_length);
  }
}

}  // namespace penstock
