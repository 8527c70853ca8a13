// The fake counts and keeps frames as Linux's copy mode does.
#include "engine/xsk/testing/fake_kernel.h"

#include <errno.h>

#include <algorithm>
#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

class FakeKernelTest : public testing::Test {
 protected:
  static constexpr std::uint32_t kFrames = 8;

  void fill(std::initializer_list<std::uint64_t> addresses) {
    for (const std::uint64_t address : addresses)
      fill_.push(address);
    fill_.submit();
  }
  FakeKernel::Outcome deliver(std::size_t bytes) {
    const std::vector<std::byte> frame(bytes, std::byte{0x5a});
    const FakeKernel::Outcome outcome = kernel_.deliver(socket_.fd, frame);
    kernel_.flush(socket_.fd);
    return outcome;
  }
  xdp_statistics statistics() {
    xdp_statistics s{};
    EXPECT_EQ(kernel_.statistics(socket_.fd, s), 0);
    return s;
  }

  Umem umem_ = *Umem::create(kFrames);
  FakeKernel kernel_{umem_.memory()};
  FakeKernel::Socket socket_ =
      kernel_.add_queue({.rx_entries = 4, .fill_entries = 8, .first_index = 0xffff'fffe});
  FillRing fill_{socket_.fill};
  RxRing rx_{socket_.rx};
};

TEST_F(FakeKernelTest, CopiesTheFrameBehindTheHeadroom) {
  fill({umem_.memory().address_of(3)});
  ASSERT_EQ(deliver(100), FakeKernel::Outcome::kQueued);
  ASSERT_EQ(rx_.available(1), 1u);
  EXPECT_EQ(rx_.peek(0).addr, 3 * 2048 + kXdpHeadroom);
  EXPECT_EQ(rx_.peek(0).len, 100u);
  EXPECT_EQ(umem_.memory().base[3 * 2048 + kXdpHeadroom + 99], std::byte{0x5a});
}

TEST_F(FakeKernelTest, NothingIsVisibleBeforeFlush) {
  fill({0});
  const std::array<std::byte, 60> frame{};
  ASSERT_EQ(kernel_.deliver(socket_.fd, frame), FakeKernel::Outcome::kQueued);
  EXPECT_EQ(rx_.available(1), 0u);
  kernel_.flush(socket_.fd);
  EXPECT_EQ(rx_.available(1), 1u);
}

TEST_F(FakeKernelTest, EmptyFillRingCountsTwice) {
  EXPECT_EQ(deliver(60), FakeKernel::Outcome::kFillRingEmpty);
  EXPECT_EQ(statistics().rx_dropped, 1u);
  EXPECT_EQ(statistics().rx_fill_ring_empty_descs, 1u);
}

TEST_F(FakeKernelTest, TooLongCountsOnceAndTakesNoFrame) {
  fill({0});
  EXPECT_EQ(deliver(1793), FakeKernel::Outcome::kTooLong);
  EXPECT_EQ(statistics().rx_dropped, 1u);
  EXPECT_EQ(statistics().rx_fill_ring_empty_descs, 0u);
  EXPECT_EQ(deliver(1792), FakeKernel::Outcome::kQueued);
}

TEST_F(FakeKernelTest, FullRxRingKeepsTheFrameAndUsesItFirst) {
  fill({0, 2048, 4096, 6144, 8192, 10240});
  for (int i = 0; i < 4; ++i)
    ASSERT_EQ(deliver(60), FakeKernel::Outcome::kQueued);
  EXPECT_EQ(deliver(60), FakeKernel::Outcome::kRxRingFull);
  EXPECT_EQ(deliver(60), FakeKernel::Outcome::kRxRingFull);
  EXPECT_EQ(statistics().rx_ring_full, 2u);
  EXPECT_EQ(kernel_.frames_held(), std::vector<std::uint32_t>{4});
  ASSERT_EQ(rx_.available(4), 4u);
  rx_.pop(4);
  rx_.release();
  ASSERT_EQ(deliver(60), FakeKernel::Outcome::kQueued);
  ASSERT_EQ(rx_.available(1), 1u);
  EXPECT_EQ(umem_.memory().frame_at(rx_.peek(0).addr), 4u);
}

TEST_F(FakeKernelTest, BadFillAddressIsSkippedSilently) {
  fill({umem_.memory().bytes(), 2048});
  ASSERT_EQ(deliver(60), FakeKernel::Outcome::kQueued);
  ASSERT_EQ(rx_.available(1), 1u);
  EXPECT_EQ(umem_.memory().frame_at(rx_.peek(0).addr), 1u);
  const xdp_statistics s = statistics();
  EXPECT_EQ(s.rx_dropped + s.rx_invalid_descs + s.rx_fill_ring_empty_descs, 0u);
}

TEST_F(FakeKernelTest, ALookForAFrameTakesNoneAndCountsOnlyWhenAsked) {
  EXPECT_FALSE(kernel_.has_frame_to_fill(socket_.fd));
  kernel_.count_failed_take(socket_.fd);
  EXPECT_EQ(statistics().rx_fill_ring_empty_descs, 1u);
  EXPECT_EQ(statistics().rx_dropped, 0u);
  fill({umem_.memory().bytes(), 2048});
  EXPECT_TRUE(kernel_.has_frame_to_fill(socket_.fd));
  EXPECT_TRUE(kernel_.has_frame_to_fill(socket_.fd));
  EXPECT_EQ(deliver(60), FakeKernel::Outcome::kQueued);
  EXPECT_FALSE(kernel_.has_frame_to_fill(socket_.fd));
}

TEST_F(FakeKernelTest, WakeupClearsTheFlagUnlessItFails) {
  kernel_.ask_for_wakeup(socket_.fd);
  kernel_.fail_wakeups_with(ENETDOWN);
  EXPECT_EQ(kernel_.wake_rx(socket_.fd), ENETDOWN);
  EXPECT_TRUE(fill_.needs_wakeup());
  kernel_.fail_wakeups_with(0);
  EXPECT_EQ(kernel_.wake_rx(socket_.fd), 0);
  EXPECT_FALSE(fill_.needs_wakeup());
  EXPECT_EQ(kernel_.wakeups(), 2u);
}

}  // namespace
}  // namespace penstock
