// A receiver with several net tiles on the fixture's veth, polled by one thread: the first tile alone, or the
// second with it.
//
// Needs root and a namespace of its own (netns_cc_test). Thread safety: none.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/receive/testing/receiver_on_veth.h"

namespace penstock {

class NetTilesOnVeth : public ReceiverOnVeth {
 protected:
  // Polls until the condition holds; false after 10 s.
  template <typename Condition>
  bool poll_until(bool both, Condition&& condition) {
    return receive_until(*receiver_, [&] {
      if (both) receive_batch(receiver_->tile(1));
      return condition();
    });
  }
  bool arrived(const std::vector<std::uint64_t>& tags, bool both = true) {
    return poll_until(both, [&] {
      return std::all_of(tags.begin(), tags.end(), [&](std::uint64_t tag) { return times_.contains(tag); });
    });
  }
  // So often that a change of ports or policy has been heeded, has reached the kernel and has drained.
  void poll_both(int turns) {
    for (int turn = 0; turn < turns; ++turn) {
      receive_batch(receiver_->tile(1));
      receive_batch(*receiver_);
    }
  }
  void expect_once(const std::vector<std::uint64_t>& tags, WayIn way) {
    for (const std::uint64_t tag : tags) {
      EXPECT_EQ(times_[tag], 1);
      EXPECT_EQ(way_[tag], way);
    }
  }
  std::uint64_t count(Counter counter) {
    EXPECT_TRUE(receiver_->refresh_counters());
    EXPECT_TRUE(receiver_->tile(1).refresh_counters());
    return receiver_->snapshot().sum(counter);
  }

  std::unique_ptr<AfXdpReceiver> receiver_;
};

}  // namespace penstock
