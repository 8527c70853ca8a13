// What take_all leaves to the host's stack: a stalled engine, and frames out of scope. Needs root.
#include "bpf/take_all.h"

#include <linux/bpf.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/xdp/test_run.h"

namespace penstock {
namespace {

class TakeAllTest : public testing::Test {
 protected:
  static ProgramTestRun create() {
    auto kernel = ProgramTestRun::create(*Classifier::create(row_classifier()));
    if (!kernel) throw std::runtime_error(kernel.error().message());
    return std::move(*kernel);
  }

  // What take_all counts for the frame; the verdict must go with it.
  penstock_reason reason(std::span<const std::byte> frame) const {
    Counters before, after;
    EXPECT_TRUE(kernel_.program().read_counts(before));
    const auto verdict = kernel_.run(Filter::kUserspace, frame);
    EXPECT_TRUE(verdict);
    EXPECT_TRUE(kernel_.program().read_counts(after));
    const CounterSnapshot delta = after.snapshot().since(before.snapshot());
    EXPECT_EQ(delta.get(Counter::kXdpRedirect) + delta.sum(Counter::kXdpPass), 1u) << "one frame, one count";
    EXPECT_EQ(*verdict, delta.get(Counter::kXdpRedirect) == 1 ? XDP_REDIRECT : XDP_PASS);
    for (std::size_t r = 0; r < PENSTOCK_REASON_COUNT; ++r) {
      if (delta.get(Counter::kXdpPass, r) == 1) return static_cast<penstock_reason>(r);
    }
    return PENSTOCK_TAKEN;
  }
  penstock_reason reason_of_any_frame() const { return reason(taken_frame(100)); }

  mutable ProgramTestRun kernel_ = create();
  EngineClock net_ = kernel_.program().net_clock();
  EngineClock back_ = kernel_.program().return_clock();
  const MonotonicClock clock_{};
};

TEST_F(TakeAllTest, PassesEverythingBeforeTheEngineHasGoneRound) {
  auto fresh = ReceiverProgram::load(*Classifier::create(row_classifier()));
  ASSERT_TRUE(fresh) << fresh.error().message();
  kernel_.program() = std::move(*fresh);
  EXPECT_EQ(reason_of_any_frame(), PENSTOCK_ENGINE_STALLED);
}

TEST_F(TakeAllTest, PassesWhenTheNetTileIsLate) {
  net_.beat(clock_.now() - 200 * kMillisecond);
  EXPECT_EQ(reason_of_any_frame(), PENSTOCK_ENGINE_STALLED);
  net_.beat(clock_.now());
  EXPECT_EQ(reason_of_any_frame(), PENSTOCK_TAKEN) << "it takes again when the tile goes on";
}

TEST_F(TakeAllTest, TheOlderOfTheTwoClocksDecides) {
  net_.beat(clock_.now());
  back_.beat(clock_.now() - 200 * kMillisecond);
  EXPECT_EQ(reason_of_any_frame(), PENSTOCK_ENGINE_STALLED);
  back_.beat(clock_.now());
  EXPECT_EQ(reason_of_any_frame(), PENSTOCK_TAKEN);
  net_.beat(clock_.now() - 200 * kMillisecond);
  EXPECT_EQ(reason_of_any_frame(), PENSTOCK_ENGINE_STALLED);
}

TEST_F(TakeAllTest, AClockAheadOfTheCoarseOneIsNotLate) {
  net_.beat(clock_.now() + kSecond);
  EXPECT_EQ(reason_of_any_frame(), PENSTOCK_TAKEN);
}

TEST_F(TakeAllTest, TheKernelFilterHasNoDeadMansSwitch) {
  net_.beat(clock_.now() - kSecond);
  EXPECT_EQ(*kernel_.run(Filter::kKernel, taken_frame(100)), static_cast<std::uint32_t>(XDP_REDIRECT));
}

TEST(StallLimit, IsAHundredMilliseconds) {
  constexpr std::uint64_t kNow = 1'000'000'000'000;
  const auto stalled = [](std::uint64_t net, std::uint64_t back) {
    const penstock_engine engine{.net_clock = net, .return_clock = back, .scope = 0, .reserved = 0};
    return penstock_is_stalled(&engine, kNow) != 0;
  };
  EXPECT_FALSE(stalled(kNow - 100'000'000, kNow));
  EXPECT_TRUE(stalled(kNow - 100'000'001, kNow));
  EXPECT_TRUE(stalled(kNow, kNow - 100'000'001));
  EXPECT_FALSE(stalled(kNow, PENSTOCK_NO_TILE));
  EXPECT_FALSE(stalled(PENSTOCK_NO_TILE, PENSTOCK_NO_TILE));
  EXPECT_TRUE(stalled(0, PENSTOCK_NO_TILE));
}

TEST_F(TakeAllTest, ScopeUdpTakesWholeIpv4UdpAndNamesWhatItLeaves) {
  kernel_.program().set_scope(TakeScope::kUdp);
  std::size_t taken = 0;
  for (const FrameRow& row : frame_rows()) {
    if (row.frame.size() > 1792) continue;
    const penstock_reason found = reason(row.frame);
    switch (row.reason) {
      case PENSTOCK_VLAN:
      case PENSTOCK_IPV6:
      case PENSTOCK_ETHERTYPE:
      case PENSTOCK_PROTOCOL:
      case PENSTOCK_GRE:
      case PENSTOCK_FRAGMENT:
        EXPECT_EQ(reason_name(found), reason_name(row.reason)) << row.name;
        break;
      case PENSTOCK_TAKEN:
      case PENSTOCK_PORT:
        EXPECT_EQ(reason_name(found), "taken") << row.name;
        ++taken;
        break;
      default:  // malformed in a way that the scope does not look at, or looks at in another order
        break;
    }
  }
  EXPECT_GT(taken, 0u);
}

TEST_F(TakeAllTest, ScopeInTheKernelAgreesWithCppOnEveryPrefix) {
  kernel_.program().set_scope(TakeScope::kUdp);
  for (const FrameRow& row : frame_rows()) {
    for (std::size_t bytes = kTestRunMinBytes; bytes < std::min<std::size_t>(row.frame.size(), 60); ++bytes) {
      const std::span<const std::byte> prefix(row.frame.data(), bytes);
      ASSERT_EQ(reason(prefix), penstock_udp_scope(prefix.data(), prefix.data() + prefix.size()))
          << row.name << ", " << bytes << " bytes";
    }
  }
}

TEST_F(TakeAllTest, ScopeCanBeWidenedAgain) {
  std::vector<std::byte> frame = taken_frame(100);
  frame[12] = std::byte{0x08};
  frame[13] = std::byte{0x06};
  kernel_.program().set_scope(TakeScope::kUdp);
  EXPECT_EQ(reason(frame), PENSTOCK_ETHERTYPE);
  kernel_.program().set_scope(TakeScope::kAll);
  EXPECT_EQ(reason(frame), PENSTOCK_TAKEN);
}

}  // namespace
}  // namespace penstock
