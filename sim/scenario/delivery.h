// What a consumer behind a receive path was given: the evidence that paths are compared by.
//
// Thread safety: none; one consumer, one thread.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "engine/packet/address.h"
#include "engine/packet/digest.h"
#include "engine/shred/set_census.h"
#include "sim/scenario/result.h"

namespace penstock {

class Delivery {
 public:
  void add(const Endpoint& source, const Endpoint& destination, std::span<const std::byte> payload);

  std::uint64_t datagrams() const { return digest_.count(); }
  const MultisetDigest& digest() const { return digest_; }
  MultisetDigest take_digest() && { return std::move(digest_); }
  ShredCounts shreds() const;

 private:
  MultisetDigest digest_;
  SetCensus census_;
};

}  // namespace penstock
