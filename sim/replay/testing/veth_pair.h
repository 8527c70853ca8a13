// What the tests of the senders share: a veth pair of the test's own namespace (near sends, far receives),
// and a listener that sees whatever arrives. Needs root; runs under //ci/bazel:in_netns.sh, so interfaces go
// with the test.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/unique_fd.h"
#include "engine/packet/address.h"
#include "sim/replay/report.h"
#include "sim/workload/workload.h"

namespace penstock::testing {

using Frames = std::vector<std::vector<std::byte>>;

inline const MacAddress kSenderMac{{2, 0, 0, 0, 0, 1}};

// Runs a shell command, which must succeed.
void run(const std::string& command);

// Sees every frame that arrives at an interface from kSenderMac.
class FrameListener {
 public:
  explicit FrameListener(const char* interface);

  // Everything that arrived, in order, until nothing came for a while. A veth delivers before the sender's
  // call returns or very soon after.
  Frames drain();

 private:
  UniqueFd fd_;
};

class VethPairTest : public ::testing::Test {
 protected:
  // `queues` RX and TX queues at both ends; `gro` gives the far end NAPI without XDP, which redirected frames
  // need.
  void make_pair(bool gro, unsigned queues = 1);
  void TearDown() override;

  // One slot of the profile first-light, from kSenderMac.
  static Workload first_light();

  ReplayConfig config_{};  // its ifindex is that of `near`
};

// The frames of `workload`, in order, byte for byte.
::testing::AssertionResult is_all_of(const Frames& arrived, const Workload& workload);

// The same for a stamped sender that was called at `since`: those with room for it end with the time at which
// they left, one no earlier than the one before it.
::testing::AssertionResult is_all_of_stamped(const Frames& arrived, const Workload& workload,
                                             Nanoseconds since);

}  // namespace penstock::testing
