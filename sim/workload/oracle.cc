// Linux's receive path for IPv4 and UDP, as far as a socket's owner can see it.
#include "sim/workload/oracle.h"

#include <algorithm>
#include <cstring>

#include "engine/packet/byte_order.h"
#include "engine/packet/checksum.h"
#include "engine/packet/headers.h"

namespace penstock {
namespace {

constexpr std::size_t kEthernetBytes = 14;
constexpr std::size_t kVlanBytes = 4;
constexpr std::size_t kMostFastTags = 2;
constexpr std::size_t kMinIpv4Bytes = 20;
constexpr std::size_t kUdpBytes = 8;

constexpr unsigned kOptionEnd = 0, kOptionNoop = 1, kOptionRecordRoute = 7;
constexpr unsigned kOptionLooseRoute = 131, kOptionStrictRoute = 137;

Ipv4Address load_address(const std::byte* from) {
  Ipv4Address address;
  std::memcpy(address.bytes.data(), from, 4);
  return address;
}

// ip_options_compile(), for the options that this testbed sends: those of one byte, record route, source
// routes (refused, since accept_source_route is off), and unknown ones, of which only the length counts.
bool options_accepted(std::span<const std::byte> options) {
  while (!options.empty()) {
    const auto type = std::to_integer<unsigned>(options[0]);
    if (type == kOptionEnd) return true;
    if (type == kOptionNoop) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < 2) return false;
    const auto length = std::to_integer<std::size_t>(options[1]);
    if (length < 2 || length > options.size()) return false;
    if (type == kOptionLooseRoute || type == kOptionStrictRoute) return false;
    if (type == kOptionRecordRoute) {
      if (length < 3) return false;
      const auto pointer = std::to_integer<std::size_t>(options[2]);
      if (pointer < 4 || (pointer <= length && pointer + 3 > length)) return false;
    }
    options = options.subspan(length);
  }
  return true;
}

enum class Station { kThis, kGroup, kOther };

// eth_type_trans(): a group address is everybody's.
Station station_of(const std::byte* destination, const MacAddress& own) {
  if (std::memcmp(destination, own.bytes.data(), own.bytes.size()) == 0) return Station::kThis;
  return (destination[0] & std::byte{1}) != std::byte{0} ? Station::kGroup : Station::kOther;
}

bool multicast(Ipv4Address address) {
  return (address.bytes[0] & 0xf0) == 0xe0;
}

}  // namespace

Judgement Oracle::judge(std::span<const std::byte> frame) const {
  if (frame.size() < kEthernetBytes) return {};
  const Station station = station_of(frame.data(), config_.mac);
  if (station == Station::kOther) return {};
  bool plain = station == Station::kThis && frame.size() <= config_.max_frame;

  // Priority tags (VID 0) are removed without a VLAN device; any other tag is for one that is not there.
  std::size_t at = kEthernetBytes;
  std::uint16_t ethertype = load_be16(&frame[12]);
  std::size_t tags = 0;
  while (ethertype == kEthertypeVlan || ethertype == kEthertypeQinQ) {
    if (frame.size() < at + kVlanBytes || (load_be16(&frame[at]) & 0x0fff) != 0) return {};
    ethertype = load_be16(&frame[at + 2]);
    at += kVlanBytes;
    if (++tags > kMostFastTags || !config_.vlan) plain = false;
  }
  if (ethertype != kEthertypeIpv4) return {};
  return judge_ipv4(frame.subspan(at), plain);
}

Judgement Oracle::judge_ipv4(std::span<const std::byte> ip, bool plain) const {
  if (ip.size() < kMinIpv4Bytes || std::to_integer<unsigned>(ip[0]) >> 4 != 4) return {};
  const std::size_t header_bytes = (std::to_integer<std::size_t>(ip[0]) & 0x0f) * 4;
  if (header_bytes < kMinIpv4Bytes || ip.size() < header_bytes) return {};
  if (checksum_fold(checksum_sum(ip.first(header_bytes))) != 0xffff) return {};
  const std::size_t total = load_be16(&ip[2]);
  if (total > ip.size() || total < header_bytes) return {};
  if (header_bytes > kMinIpv4Bytes) {
    if (!options_accepted(ip.subspan(kMinIpv4Bytes, header_bytes - kMinIpv4Bytes))) return {};
    plain = false;
  }
  const Ipv4Address destination = load_address(&ip[16]);
  if (!addresses_accepted(load_address(&ip[12]), destination)) return {};
  if (destination == Ipv4Address{{255, 255, 255, 255}}) plain = false;
  constexpr std::uint16_t kMoreFragmentsAndOffset = 0x3fff;
  if ((load_be16(&ip[6]) & kMoreFragmentsAndOffset) != 0) {
    return {.fate = Fate::kFragment, .payload = ip.first(total)};
  }
  return judge_udp(ip.first(total), header_bytes, plain);
}

Judgement Oracle::judge_reassembled(std::span<const std::byte> ip) const {
  return judge_ipv4(ip, false);
}

// `ip` ends where the IPv4 total length says.
Judgement Oracle::judge_udp(std::span<const std::byte> ip, std::size_t header_bytes, bool plain) const {
  if (std::to_integer<unsigned>(ip[9]) != kProtocolUdp) return {};
  const std::span<const std::byte> udp = ip.subspan(header_bytes);
  if (udp.size() < kUdpBytes) return {};
  const std::size_t length = load_be16(&udp[4]);
  if (length < kUdpBytes || length > udp.size()) return {};
  Judgement judgement{.fate = plain ? Fate::kFast : Fate::kSlow,
                      .source = {load_address(&ip[12]), load_be16(&udp[0])},
                      .destination = {load_address(&ip[16]), load_be16(&udp[2])},
                      .payload = udp.subspan(kUdpBytes, length - kUdpBytes)};
  if (!config_.ports.contains(judgement.destination.port)) return {};
  if (load_be16(&udp[6]) == 0) return judgement;  // the sender computed no checksum
  const std::uint64_t sum = checksum_pseudo_header(judgement.source.address, judgement.destination.address,
                                                   kProtocolUdp, static_cast<std::uint32_t>(length)) +
                            checksum_sum(udp.first(length));
  if (checksum_fold(sum) == 0xffff) return judgement;
  if (!plain) return {};
  judgement.fate = Fate::kUnchecked;
  return judgement;
}

// ip_route_input_slow(): martian sources, then the local table. Of those only a limited broadcast may come
// from 0.0.0.0 (a host that has no address yet).
bool Oracle::addresses_accepted(Ipv4Address source, Ipv4Address destination) const {
  const Ipv4Address broadcast{{255, 255, 255, 255}};
  if (source == broadcast || multicast(source) || source.bytes[0] == 127) return false;
  if (destination == broadcast) return config_.any_address && !config_.addresses.contains(source);
  if (source == Ipv4Address{}) return false;
  if (destination == Ipv4Address{} || multicast(destination) || destination.bytes[0] == 127) return false;
  if (config_.addresses.empty()) return true;
  return config_.addresses.contains(destination) && !config_.addresses.contains(source);
}

}  // namespace penstock
