// In-place editing of captured frames.
#include "sim/replay/rewrite.h"

#include <cstring>

#include "engine/packet/byte_order.h"
#include "engine/packet/checksum.h"
#include "engine/packet/headers.h"

namespace penstock {
namespace {

constexpr std::size_t kEthernetBytes = 14;
constexpr std::size_t kIpv4Bytes = 20;
constexpr std::size_t kUdpBytes = 8;
constexpr std::size_t kTcpBytes = 20;
constexpr std::size_t kIcmpBytes = 8;
constexpr std::uint16_t kFragmentMask = 0x3fff;  // more fragments, and the offset
constexpr std::uint16_t kOffsetMask = 0x1fff;

// Where the L4 checksum lies, and whether it covers the addresses.
struct ChecksumField {
  std::size_t offset = 0;
  std::size_t header_bytes = 0;
  bool has_pseudo_header = true;
};

bool checksum_field(std::uint8_t protocol, ChecksumField* field) {
  switch (protocol) {
    case kProtocolUdp:
      *field = {6, kUdpBytes, true};
      return true;
    case kProtocolTcp:
      *field = {16, kTcpBytes, true};
      return true;
    case kProtocolIcmp:
      *field = {2, kIcmpBytes, false};
      return true;
    default:
      return false;
  }
}

Ipv4Address load_address(const std::byte* from) {
  Ipv4Address address;
  std::memcpy(address.bytes.data(), from, 4);
  return address;
}

// Bytes that the L4 checksum covers, or 0 when the datagram is not whole in the frame.
std::size_t covered_bytes(std::span<const std::byte> ip, std::size_t header_bytes, std::uint8_t protocol,
                          std::size_t l4_header_bytes) {
  const std::size_t total = load_be16(&ip[2]);
  if (total > ip.size() || total < header_bytes + l4_header_bytes) return 0;
  if ((load_be16(&ip[6]) & kFragmentMask) != 0) return 0;
  const std::size_t room = total - header_bytes;
  if (protocol != kProtocolUdp) return room;
  const std::size_t length = load_be16(&ip[header_bytes + 4]);
  return length >= kUdpBytes && length <= room ? length : 0;
}

void fix_l4_checksum(std::span<std::byte> ip, std::size_t header_bytes, std::uint64_t old_addresses,
                     std::uint64_t new_addresses) {
  const auto protocol = std::to_integer<std::uint8_t>(ip[9]);
  ChecksumField field;
  if (!checksum_field(protocol, &field)) return;
  if ((load_be16(&ip[6]) & kOffsetMask) != 0) return;  // a later fragment: payload from its first byte
  if (ip.size() < header_bytes + field.header_bytes) return;
  std::byte* const at = &ip[header_bytes + field.offset];
  const std::uint16_t old = load_be16(at);
  if (protocol == kProtocolUdp && old == 0) return;  // the sender computed none

  const std::size_t covered = covered_bytes(ip, header_bytes, protocol, field.header_bytes);
  if (covered == 0) {
    if (field.has_pseudo_header) store_be16(at, checksum_update(old, old_addresses, new_addresses));
    return;
  }
  store_be16(at, 0);
  std::uint64_t sum = checksum_sum(ip.subspan(header_bytes, covered));
  if (field.has_pseudo_header) sum += new_addresses + protocol + covered;
  store_be16(at, protocol == kProtocolUdp ? udp_checksum_finish(sum) : checksum_finish(sum));
}

}  // namespace

Rewritten Rewriter::rewrite(std::span<std::byte> frame) {
  if (frame.size() < 12) return Rewritten::kUntouched;
  std::memcpy(&frame[0], target_.destination_mac.bytes.data(), 6);
  std::memcpy(&frame[6], target_.source_mac.bytes.data(), 6);

  if (frame.size() < kEthernetBytes + kIpv4Bytes || load_be16(&frame[12]) != kEthertypeIpv4) {
    return Rewritten::kMacsOnly;
  }
  const std::span<std::byte> ip = frame.subspan(kEthernetBytes);
  const std::size_t header_bytes = (std::to_integer<std::size_t>(ip[0]) & 0x0f) * 4;
  if (std::to_integer<unsigned>(ip[0]) >> 4 != 4 || header_bytes < kIpv4Bytes || header_bytes > ip.size()) {
    return Rewritten::kMacsOnly;
  }

  const std::uint64_t old_addresses = checksum_sum(ip.subspan(12, 8));
  const Ipv4Address source = map_source(load_address(&ip[12]));
  std::memcpy(&ip[12], source.bytes.data(), 4);
  std::memcpy(&ip[16], target_.destination.bytes.data(), 4);
  fix_l4_checksum(ip, header_bytes, old_addresses, checksum_sum(ip.subspan(12, 8)));

  store_be16(&ip[10], 0);
  store_be16(&ip[10], checksum_finish(checksum_sum(ip.first(header_bytes))));
  return Rewritten::kAddresses;
}

Ipv4Address Rewriter::map_source(Ipv4Address original) {
  if (target_.source_policy == SourcePolicy::kKeep) return original;
  const auto next = static_cast<std::uint32_t>(sources_.size()) % kSourceCapacity + 1;
  const auto [entry, is_new] = sources_.try_emplace(original.network());
  if (is_new) {
    entry->second = Ipv4Address{{target_.source_network.bytes[0], target_.source_network.bytes[1],
                                 static_cast<std::uint8_t>(next >> 8), static_cast<std::uint8_t>(next)}};
  }
  return entry->second;
}

}  // namespace penstock
