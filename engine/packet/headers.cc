// Each header's bytes. write() gets the bytes from its own first one to the end of what it carries;
// what it carries is already there.
#include "engine/packet/headers.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "engine/packet/byte_order.h"
#include "engine/packet/checksum.h"

namespace penstock {
namespace {

// `good` changed in one bit, so that it is wrong also in ones' complement, and never 0.
std::uint16_t spoil(std::uint16_t good) {
  return static_cast<std::uint16_t>((good ^ 1U) != 0 ? good ^ 1U : good ^ 2U);
}

// Of UDP and TCP. `own` is the header's checksum field zeroed and its payload.
std::uint16_t transport_checksum(ChecksumMode mode, std::span<const std::byte> own, std::uint64_t length,
                                 std::uint8_t protocol, const HeaderSurroundings& around) {
  if (mode == ChecksumMode::kZero) return 0;
  PENSTOCK_CHECK(around.address_sum.has_value());  // UDP and TCP stand directly after an IP header
  const std::uint64_t pseudo = *around.address_sum + protocol + length;
  if (mode == ChecksumMode::kPartial) return checksum_fold(pseudo);
  const std::uint64_t sum = pseudo + checksum_sum(own);
  const std::uint16_t good = protocol == kProtocolUdp ? udp_checksum_finish(sum) : checksum_finish(sum);
  return mode == ChecksumMode::kGood ? good : spoil(good);
}

std::uint16_t plain_checksum(ChecksumMode mode, std::span<const std::byte> covered) {
  PENSTOCK_CHECK(mode != ChecksumMode::kPartial);  // has no pseudo header
  if (mode == ChecksumMode::kZero) return 0;
  const std::uint16_t good = checksum_finish(checksum_sum(covered));
  return mode == ChecksumMode::kGood ? good : spoil(good);
}

}  // namespace

void EthernetHeader::write(std::span<std::byte> from_here, const HeaderSurroundings& around) const {
  std::memcpy(&from_here[0], destination.bytes.data(), 6);
  std::memcpy(&from_here[6], source.bytes.data(), 6);
  store_be16(&from_here[12], ethertype.value_or(around.inner.ethertype));
}

void VlanTag::write(std::span<std::byte> from_here, const HeaderSurroundings& around) const {
  store_be16(&from_here[0], static_cast<std::uint16_t>(priority << 13 | (vid & 0x0fff)));
  store_be16(&from_here[2], ethertype.value_or(around.inner.ethertype));
}

std::optional<std::uint64_t> Ipv4Header::address_sum() const {
  return checksum_pseudo_header(source, destination, 0, 0);
}

void Ipv4Header::write(std::span<std::byte> from_here, const HeaderSurroundings& around) const {
  PENSTOCK_CHECK(options.size() <= 40);
  const std::span<std::byte> own = from_here.first(size());
  std::fill(own.begin(), own.end(), std::byte{0});
  const std::uint8_t words = ihl.value_or(static_cast<std::uint8_t>(size() / 4));
  own[0] = static_cast<std::byte>(version << 4 | (words & 0x0f));
  own[1] = std::byte{tos};
  store_be16(&own[2], total_length.value_or(static_cast<std::uint16_t>(from_here.size())));
  store_be16(&own[4], id);
  store_be16(&own[6], static_cast<std::uint16_t>(reserved_bit << 15 | dont_fragment << 14 |
                                                 more_fragments << 13 | (fragment_offset & 0x1fff)));
  own[8] = std::byte{ttl};
  own[9] = std::byte{protocol.value_or(around.inner.protocol)};
  std::memcpy(&own[12], source.bytes.data(), 4);
  std::memcpy(&own[16], destination.bytes.data(), 4);
  if (!options.empty()) std::memcpy(&own[20], options.data(), options.size());
  store_be16(&own[10], plain_checksum(checksum, own));
}

std::optional<std::uint64_t> Ipv6Header::address_sum() const {
  return checksum_sum(std::as_bytes(std::span(source))) + checksum_sum(std::as_bytes(std::span(destination)));
}

void Ipv6Header::write(std::span<std::byte> from_here, const HeaderSurroundings& around) const {
  store_be32(&from_here[0], 0x60000000);
  store_be16(&from_here[4], payload_length.value_or(static_cast<std::uint16_t>(from_here.size() - size())));
  from_here[6] = std::byte{next_header.value_or(around.inner.protocol)};
  from_here[7] = std::byte{hop_limit};
  std::memcpy(&from_here[8], source.data(), 16);
  std::memcpy(&from_here[24], destination.data(), 16);
}

void GreHeader::write(std::span<std::byte> from_here, const HeaderSurroundings& around) const {
  store_be16(&from_here[0], key ? 0x2000 : 0);
  store_be16(&from_here[2], protocol_type.value_or(around.inner.ethertype));
  if (key) store_be32(&from_here[4], *key);
}

void UdpHeader::write(std::span<std::byte> from_here, const HeaderSurroundings& around) const {
  const auto datagram_length = length.value_or(static_cast<std::uint16_t>(from_here.size()));
  store_be16(&from_here[0], source_port);
  store_be16(&from_here[2], destination_port);
  store_be16(&from_here[4], datagram_length);
  store_be16(&from_here[6], 0);
  // What a receiver would sum: as many bytes as the length field says, where they exist.
  const std::size_t covered = std::clamp<std::size_t>(datagram_length, size(), from_here.size());
  store_be16(&from_here[6],
             transport_checksum(checksum, from_here.first(covered), datagram_length, kProtocolUdp, around));
}

void TcpHeader::write(std::span<std::byte> from_here, const HeaderSurroundings& around) const {
  store_be16(&from_here[0], source_port);
  store_be16(&from_here[2], destination_port);
  store_be32(&from_here[4], sequence);
  store_be32(&from_here[8], acknowledgment);
  from_here[12] = static_cast<std::byte>(size() / 4 << 4);
  from_here[13] = std::byte{flags};
  store_be16(&from_here[14], window);
  store_be32(&from_here[16], 0);  // checksum and urgent pointer
  store_be16(&from_here[16], transport_checksum(checksum, from_here, from_here.size(), kProtocolTcp, around));
}

void IcmpEchoHeader::write(std::span<std::byte> from_here, const HeaderSurroundings&) const {
  from_here[0] = reply ? std::byte{0} : std::byte{8};
  from_here[1] = std::byte{0};
  store_be16(&from_here[2], 0);
  store_be16(&from_here[4], id);
  store_be16(&from_here[6], sequence);
  store_be16(&from_here[2], plain_checksum(checksum, from_here));
}

void ArpHeader::write(std::span<std::byte> from_here, const HeaderSurroundings&) const {
  store_be16(&from_here[0], 1);  // Ethernet
  store_be16(&from_here[2], kEthertypeIpv4);
  from_here[4] = std::byte{6};
  from_here[5] = std::byte{4};
  store_be16(&from_here[6], operation);
  std::memcpy(&from_here[8], sender_mac.bytes.data(), 6);
  std::memcpy(&from_here[14], sender_address.bytes.data(), 4);
  std::memcpy(&from_here[18], target_mac.bytes.data(), 6);
  std::memcpy(&from_here[24], target_address.bytes.data(), 4);
}

}  // namespace penstock
