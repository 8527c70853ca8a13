// What a consumer behind a receive path was given: the evidence that paths are compared by.
//
// Thread safety: none; one consumer, one thread.
// Shreds are counted by their headers, and FEC sets either by their headers alone or through the real
// resolver, which recovers them: for shreds whose Merkle trees are real.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "engine/packet/address.h"
#include "engine/packet/digest.h"
#include "engine/shred/set_census.h"
#include "engine/shred/shreds_report.h"
#include "sim/scenario/result.h"

namespace penstock {

enum class SetCounting : std::uint8_t {
  kByHeader,  // 64 distinct members make a set complete; nothing is recovered
  kResolved,  // the resolver's states
};

class Delivery {
 public:
  explicit Delivery(SetCounting counting = SetCounting::kByHeader);

  // Returns the element's name in the digest.
  std::uint64_t add(const Endpoint& source, const Endpoint& destination, std::span<const std::byte> payload);

  std::uint64_t datagrams() const { return digest_.count(); }
  const MultisetDigest& digest() const { return digest_; }
  MultisetDigest take_digest() && { return std::move(digest_); }
  ShredCounts shreds() const;

 private:
  MultisetDigest digest_;
  SetCensus census_;
  std::unique_ptr<ShredsReporter> resolver_;  // only for kResolved
};

}  // namespace penstock
