// The Internet checksum (RFC 1071) and its use in IPv4 and UDP (RFC 791, RFC 768).
//
// Sums are of 16-bit words read in network order, so a folded checksum is a host-order integer that
// store_be16() writes. This is code of frame builders and tests; the receive path's own check is in
// bpf/classify.h. Thread safety: pure functions over their arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "engine/packet/address.h"
#include "engine/packet/byte_order.h"

namespace penstock {

// Folds a sum to 16 bits without complementing it: 0xffff over bytes that hold their own good checksum.
inline std::uint16_t checksum_fold(std::uint64_t sum) {
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

// A sum that folds to that of the 16-bit words of `bytes`, an odd last byte padded with zero. Sums of parts
// may be added when each part but the last has an even length. Takes up to 2^31 bytes without overflow.
// Summed in the host's order, eight bytes at a time, and swapped once: RFC 1071 section 2 (B).
inline std::uint64_t checksum_sum(std::span<const std::byte> bytes) {
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t sum = 0;
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    sum += (word & 0xffffffff) + (word >> 32);
  }
  std::uint64_t tail = 0;
  if (left > 0) std::memcpy(&tail, at, left);  // an odd byte is the low half of its word in memory's order
  sum += (tail & 0xffffffff) + (tail >> 32);
  return __builtin_bswap16(checksum_fold(sum));
}

// The checksum to store: the complement of the folded sum.
inline std::uint16_t checksum_finish(std::uint64_t sum) {
  return static_cast<std::uint16_t>(~checksum_fold(sum));
}

// Of the pseudo header of UDP and TCP over IPv4; `length` is that of the L4 header and its payload.
inline std::uint64_t checksum_pseudo_header(Ipv4Address source, Ipv4Address destination,
                                            std::uint8_t protocol, std::uint32_t length) {
  const std::uint64_t addresses = std::uint64_t{__builtin_bswap32(source.network())} +
                                  std::uint64_t{__builtin_bswap32(destination.network())};
  return addresses + protocol + length;
}

// UDP sends a computed 0 as 0xffff, since 0 on the wire means "no checksum" (RFC 768).
inline std::uint16_t udp_checksum_finish(std::uint64_t sum) {
  const std::uint16_t checksum = checksum_finish(sum);
  return checksum == 0 ? std::uint16_t{0xffff} : checksum;
}

// The checksum after two 16-bit-aligned runs of bytes changed from one sum to another (RFC 1624, eqn 3).
inline std::uint16_t checksum_update(std::uint16_t checksum, std::uint64_t old_sum, std::uint64_t new_sum) {
  const std::uint64_t without = std::uint64_t{static_cast<std::uint16_t>(~checksum)} +
                                static_cast<std::uint16_t>(~checksum_fold(old_sum));
  return checksum_finish(without + checksum_fold(new_sum));
}

}  // namespace penstock
