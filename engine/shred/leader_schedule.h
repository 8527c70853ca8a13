// Who leads a slot, and whose nonce a repair response carries: what the resolver asks of the node.
//
// Thread safety: the resolver calls from its own thread only.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/shred/header.h"
#include "engine/shred/signature.h"

namespace penstock {

class LeaderSchedule {
 public:
  virtual ~LeaderSchedule() = default;
  // The key that signs the slot's sets; nothing when the slot is outside the schedule.
  virtual std::optional<PublicKey> leader(std::uint64_t slot) const = 0;
};

// One leader for all slots: a capture, a testbed.
class FixedLeader final : public LeaderSchedule {
 public:
  explicit FixedLeader(const PublicKey& key) : key_(key) {}
  std::optional<PublicKey> leader(std::uint64_t) const override { return key_; }

 private:
  PublicKey key_;
};

class RepairRequests {
 public:
  virtual ~RepairRequests() = default;
  // Whether a request for this shred with this nonce is outstanding.
  virtual bool expects(const ShredHeader& header, std::uint32_t nonce) = 0;
};

}  // namespace penstock
