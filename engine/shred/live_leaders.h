// A leader schedule that is replaced while the resolver asks it: at an epoch's end, by an operator who has a
// new file.
//
// Thread safety: leader() from the resolver's thread, replace() from another one. A question costs an
// uncontended mutex: it is asked once a signature, which costs a thousand times as much.
#pragma once

#include <mutex>
#include <utility>

#include "engine/shred/leader_file.h"
#include "engine/shred/leader_schedule.h"

namespace penstock {

class LiveLeaders final : public LeaderSchedule {
 public:
  explicit LiveLeaders(SlotSchedule schedule) : schedule_(std::move(schedule)) {}

  std::optional<PublicKey> leader(std::uint64_t slot) const override {
    const std::scoped_lock lock(mutex_);
    return schedule_.leader(slot);
  }

  // Whether it differs from the present one, which goes.
  bool replace(SlotSchedule schedule) {
    const std::scoped_lock lock(mutex_);
    if (schedule == schedule_) return false;
    std::swap(schedule_, schedule);
    return true;
  }

 private:
  mutable std::mutex mutex_;
  SlotSchedule schedule_;
};

}  // namespace penstock
