// The digest of a multiset of datagrams: what two receivers must agree on.
//
// payload_digest of the run's result: a count, and the sum mod 2^256 of
//   SHA-256(family u8 = 4 | source address 4 | source port 2 | destination address 4 |
//           destination port 2 | payload length 4 | payload)
// with every integer in network order. A sum, since it does not depend on the order of arrival and,
// unlike XOR, does not hide pairs. Written "count:hex", the sum as 64 big-endian hexadecimal digits.
//
// The frame digest (host_digest) is the same over whole frames: SHA-256(frame length 4 | frame).
//
// Thread safety: none; one digest, one thread. add() may allocate on first use only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/packet/address.h"

namespace penstock {

class MultisetDigest {
 public:
  MultisetDigest();
  MultisetDigest(MultisetDigest&&) noexcept;
  MultisetDigest& operator=(MultisetDigest&&) noexcept;
  ~MultisetDigest();

  // Both return the low 64 bits of the element's hash, by which one element can be told from another.
  std::uint64_t add_datagram(const Endpoint& source, const Endpoint& destination,
                             std::span<const std::byte> payload);
  std::uint64_t add_frame(std::span<const std::byte> frame);
  // Adds all that `other` has seen.
  void merge(const MultisetDigest& other);

  std::uint64_t count() const { return count_; }
  std::string to_string() const;
  bool operator==(const MultisetDigest& other) const { return count_ == other.count_ && sum_ == other.sum_; }

 private:
  struct Hasher;  // a reused EVP context

  std::uint64_t add_hash(const std::array<std::uint8_t, 32>& hash);
  void add_sum(const std::array<std::uint64_t, 4>& words);

  std::uint64_t count_ = 0;
  std::array<std::uint64_t, 4> sum_{};  // least significant word first
  std::unique_ptr<Hasher> hasher_;
};

}  // namespace penstock
