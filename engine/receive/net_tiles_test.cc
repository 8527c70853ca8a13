// One receiver with several net tiles, each with its own queues, on a veth in a namespace of its own.
#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/receive/testing/net_tiles_on_veth.h"

namespace penstock {
namespace {

class NetTilesTest : public NetTilesOnVeth, public ::testing::WithParamInterface<Filter> {
 protected:
  void SetUp() override {
    make_veth("numrxqueues 2 numtxqueues 2");
    receiver_ = open_with(config_of(GetParam(), {.queues = 2, .net_tiles = 2, .companion = Companion::kOwn}));
    ASSERT_NE(receiver_, nullptr);
  }

  // The sender's kernel chooses the queue by the flow.
  void send_on_both_queues(std::uint16_t port, std::vector<std::uint64_t>& tags) {
    for (std::uint16_t i = 0; i < 64; ++i)
      tags.push_back(send({.port = port, .source_port = static_cast<std::uint16_t>(9000 + i)}));
  }
};

TEST_P(NetTilesTest, EachReceivesItsQueueAndAllIsCountedOnce) {
  std::vector<std::uint64_t> ours, others;
  for (int round = 0; round < 20; ++round) {
    send_on_both_queues(kPort, ours);  // more than the frames that a queue has
    send_on_both_queues(kOtherPort, others);
    ASSERT_TRUE(arrived(ours));
  }
  expect_once(ours, WayIn::kAfXdp);
  EXPECT_EQ(count(Counter::kPublished), ours.size());
  const std::uint64_t second = receiver_->tile(1).snapshot().sum(Counter::kPublished);
  EXPECT_GT(second, 0u);
  EXPECT_LT(second, ours.size());
  if (GetParam() == Filter::kUserspace) {
    EXPECT_TRUE(poll_until(true, [&] { return count(Counter::kReturnWritten) == others.size(); }));
  }
  EXPECT_EQ(count(Counter::kRxDropped) + count(Counter::kRxRingFull), 0u);

  const std::vector<QueueLoad> loads = receiver_->queue_loads();
  ASSERT_EQ(loads.size(), 2u);
  const bool all_come = GetParam() == Filter::kUserspace;
  EXPECT_EQ(loads[0].frames + loads[1].frames, ours.size() + (all_come ? others.size() : 0));
  EXPECT_EQ(loads[1].frames, receiver_->tile(1).snapshot().get(Counter::kRxDescriptors));
  for (std::uint32_t queue = 0; queue < 2; ++queue) {
    EXPECT_EQ(loads[queue].interface, "pen1");
    EXPECT_EQ(loads[queue].queue, queue);
    EXPECT_GT(loads[queue].entries, 0u);
    EXPECT_LE(loads[queue].most_waiting, loads[queue].entries);
  }
}

TEST_P(NetTilesTest, APortIsNotGivenToTheKernelBeforeEveryTileKnowsIt) {
  const std::vector<std::uint16_t> both = {kPort, kOtherPort};
  ASSERT_TRUE(receiver_->set_ports(both));
  std::vector<std::uint64_t> early, late, after;
  send_on_both_queues(kOtherPort, early);  // the second tile has not come round
  if (GetParam() == Filter::kKernel) {
    EXPECT_TRUE(poll_until(false, [&] { return times_.size() == early.size(); }));
    expect_once(early, WayIn::kCompanion);
    EXPECT_EQ(count(Counter::kXdpRedirect), 0u);
  } else {
    EXPECT_TRUE(arrived(early));  // by either way, as each tile judged
  }
  poll_both(3);  // heeded, then in the kernel, then drained
  send_on_both_queues(kOtherPort, late);
  EXPECT_TRUE(arrived(late));
  expect_once(late, WayIn::kAfXdp);

  ASSERT_TRUE(receiver_->set_ports(std::vector<std::uint16_t>{kPort}));
  poll_both(4);
  send_on_both_queues(kOtherPort, after);
  std::vector<std::uint64_t> ours;
  send_on_both_queues(kPort, ours);
  EXPECT_TRUE(arrived(ours));
  expect_once(ours, WayIn::kAfXdp);
  for (const std::uint64_t tag : after)
    EXPECT_EQ(times_.count(tag), 0u);
  EXPECT_EQ(count(Counter::kDiscarded), 0u);
}

// Each tile in its own thread, as `penstock run` has them.
TEST_P(NetTilesTest, PortsComeAndGoUnderLoadAndTheOthersLoseNothing) {
  constexpr std::uint64_t kDatagrams = 20'000;
  // A thread may lose its core for longer than a ring lasts (256 entries): no more than this is under way.
  constexpr std::uint64_t kUnderWay = 128;
  std::atomic<std::uint64_t> first{0};
  std::atomic<std::uint64_t> second{0};
  const MonotonicClock clock;
  const Nanoseconds deadline = clock.now() + 60 * kSecond;
  std::jthread tile([&](const std::stop_token& token) {
    QueueGroup& group = receiver_->tile(1);
    while (!token.stop_requested()) {
      const std::span<const Frag> frags = group.poll();
      second.fetch_add(static_cast<std::uint64_t>(std::count_if(
          frags.begin(), frags.end(), [](const Frag& frag) { return frag.destination_port == kPort; })));
      group.give_back(frags);
      if (frags.empty()) std::this_thread::yield();
    }
  });
  std::jthread sender([&] {
    for (std::uint64_t i = 0; i < kDatagrams; ++i) {
      while (i - i / 8 > first + second + kUnderWay && clock.now() < deadline)
        std::this_thread::yield();
      const auto source = static_cast<std::uint16_t>(9000 + i % 64);
      send_frame(datagram(i, {.port = i % 8 == 7 ? kOtherPort : kPort, .source_port = source}));
    }
  });
  int changes = 0;
  Nanoseconds change_at = 0;
  while (first + second < kDatagrams / 8 * 7 && clock.now() < deadline) {
    if (clock.now() >= change_at) {
      const std::vector<std::uint16_t> ports = {kPort, kOtherPort};
      ASSERT_TRUE(receiver_->set_ports(std::span(ports).first(changes++ % 2 == 0 ? 2 : 1)));
      change_at = clock.now() + kMillisecond;
    }
    const std::span<const Frag> frags = receiver_->poll();
    first += static_cast<std::uint64_t>(std::count_if(
        frags.begin(), frags.end(), [](const Frag& frag) { return frag.destination_port == kPort; }));
    receiver_->give_back(frags);
    if (frags.empty()) std::this_thread::yield();
  }
  sender.join();
  tile = {};
  EXPECT_EQ(first + second, kDatagrams / 8 * 7) << "of the port that stays, after " << changes << " changes";
  EXPECT_GT(changes, 10);
  EXPECT_GT(second, 0u);
}

// With the userspace filter nothing reaches the host but through the tiles.
TEST_P(NetTilesTest, OneTileThatHangsLeavesEverythingToTheHost) {
  if (GetParam() == Filter::kKernel) return;  // what is not ours never comes here
  const MonotonicClock clock;
  const Nanoseconds hung_until = clock.now() + 300 * kMillisecond;
  ASSERT_TRUE(poll_until(false, [&] { return clock.now() > hung_until; }));
  std::vector<std::uint64_t> meanwhile, after;
  send_on_both_queues(kPort, meanwhile);
  ASSERT_TRUE(poll_until(false, [&] { return times_.size() == meanwhile.size(); }));
  expect_once(meanwhile, WayIn::kCompanion);
  EXPECT_EQ(receiver_->snapshot().get(Counter::kXdpPass, PENSTOCK_ENGINE_STALLED), 0u) << "not yet read";
  EXPECT_GE(count(Counter::kXdpPass), meanwhile.size());

  poll_both(2);
  send_on_both_queues(kPort, after);
  EXPECT_TRUE(arrived(after));
  expect_once(after, WayIn::kAfXdp);
}

INSTANTIATE_TEST_SUITE_P(Filters, NetTilesTest, ::testing::Values(Filter::kKernel, Filter::kUserspace),
                         [](const auto& info) {
                           return info.param == Filter::kKernel ? "KernelFilter" : "UserspaceFilter";
                         });

}  // namespace
}  // namespace penstock
