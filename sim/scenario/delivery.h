// What a consumer behind a receive path was given: the evidence that paths are compared by, and what the
// shred stage made of it, by the resolver of the shred tile.
//
// With full checks FEC sets are the resolver's; with cheap checks they are counted by header alone: 64
// distinct members make a set complete, and nothing is recovered.
//
// Thread safety: none; one consumer, one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "engine/packet/address.h"
#include "engine/packet/digest.h"
#include "engine/shred/set_census.h"
#include "engine/shred/shreds_report.h"
#include "sim/scenario/account.h"
#include "sim/scenario/result.h"
#include "sim/scenario/shred_stage.h"
#include "sim/workload/sequence.h"

namespace penstock {

class Delivery {
 public:
  explicit Delivery(const ShredStageConfig& stage = {});

  // Returns the element's name in the digest; 0 when it is numbered.
  std::uint64_t add(const Endpoint& source, const Endpoint& destination, std::span<const std::byte> payload);

  std::uint64_t datagrams() const { return datagrams_; }
  const std::optional<SequenceTally>& numbers() const { return numbers_; }
  const MultisetDigest& digest() const { return digest_; }
  MultisetDigest take_digest() && { return std::move(digest_); }
  ShredCounts shreds() const;
  // consumed = accepted + duplicate + late + held + discarded{reason}, each as the shred stage counted it.
  Account account() const;

 private:
  bool full() const { return stage_.checks == ShredChecks::kFull; }

  ShredStageConfig stage_;
  std::uint64_t datagrams_ = 0;
  MultisetDigest digest_;                 // or
  std::optional<SequenceTally> numbers_;  // when numbered
  SetCensus census_;
  std::unique_ptr<ShredsReporter> reporter_;  // does not move
};

}  // namespace penstock
