// A resolver under attack: what the tests of hostile traffic share.
#pragma once

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "engine/shred/fec_resolver.h"
#include "engine/shred/testing/recording_observer.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock::testing {

using Shred = std::vector<std::byte>;

class Hostile : public ::testing::Test {
 protected:
  static FecResolverConfig config() {
    return {.version = 1,
            .root = 990,
            .slots_ahead = 1000,
            .max_open_sets = 64,
            .reuse_after = 8,
            .history = 256,
            .held_sets = 64,
            .negative_cells = 4096,
            .signature_credit = 100'000,
            .hash_seed = 77};
  }

  RejectReason reason_for(const Shred& shred) {
    const AddResult result = resolver_.add(shred);
    EXPECT_EQ(resolver_.counts().added, resolver_.counts().accounted());
    return result.reason;
  }
  ShredOutcome outcome_of(const Shred& shred) { return resolver_.add(shred).outcome; }

  // A set that is honest but for one change in every header of a kind, coded and signed after it, so
  // that only the header rule can object.
  template <typename Change>
  RejectReason signed_with(bool data, Change change, SetPlan plan = {}) {
    plan.before_hashing = [&](std::size_t member, Shred& shred) {
      if ((member < 32) == data) change(shred);
    };
    return reason_for(make_signed_set(plan).shreds[data ? 31 : 63]);
  }

  FixedLeader leader_{public_key_of(test_leader(0))};
  RecordingObserver seen_;
  FecResolver resolver_{config(), &leader_, &seen_};
};

template <typename T>
void put(Shred& shred, std::size_t offset, T value) {
  std::memcpy(shred.data() + offset, &value, sizeof(value));
}

}  // namespace penstock::testing
