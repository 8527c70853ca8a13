// The companion socket over loopback, in a namespace of its own: delivery, limits, accounts, frames.
#include "engine/receive/companion_socket.h"

#include <errno.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "engine/receive/testing/loopback_sender.h"

namespace penstock {
namespace {

constexpr std::uint16_t kPort = 8003;
constexpr std::uint16_t kOtherPort = 8007;
constexpr std::uint16_t kQueue = 4;

class CompanionTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kFirstFrame = 8;
  static constexpr std::uint32_t kFrames = 40;

  std::unique_ptr<CompanionSocket> open(CompanionConfig config = {}) {
    std::vector<std::uint32_t> frames(kFrames);
    std::iota(frames.begin(), frames.end(), kFirstFrame);
    auto companion = CompanionSocket::open(config, umem_.memory(), frames, kQueue, counters_);
    EXPECT_TRUE(companion);
    return std::move(*companion);
  }
  std::span<const std::byte> payload(const Frag& frag) const {
    return {umem_.memory().base + umem_.memory().address_of(frag.frame) + frag.offset, frag.length};
  }
  std::uint64_t tag(const Frag& frag) const {
    std::uint64_t tag = 0;
    std::memcpy(&tag, payload(frag).data(), sizeof(tag));
    return tag;
  }
  // slow_way_rx = slow_way_published + slow_way_discarded, and every frame in one place.
  void expect_accounts_closed(const CompanionSocket& companion, std::size_t in_our_hands) const {
    const CounterSnapshot c = counters_.snapshot();
    EXPECT_EQ(c.get(Counter::kSlowWayRx),
              c.sum(Counter::kSlowWayPublished) + c.sum(Counter::kSlowWayDiscarded));
    EXPECT_EQ(companion.free_frames() + in_our_hands, kFrames);
  }

  Umem umem_ = *Umem::create(kFirstFrame + kFrames);
  Counters counters_;
  LoopbackSender sender_;
};

TEST_F(CompanionTest, HandsOutADatagramWithItsAddressesAndTakesTheFrameBack) {
  const auto companion = open();
  ASSERT_TRUE(companion->add_port(kPort, 3));
  EXPECT_TRUE(companion->poll().empty());
  sender_.send(1203, 7, kPort, "127.0.0.9");
  const std::span<const Frag> frags = companion->poll();
  ASSERT_EQ(frags.size(), 1u);
  EXPECT_EQ(frags[0].source.to_string(), "127.0.0.1");
  EXPECT_EQ(frags[0].source_port, LoopbackSender::kSourcePort);
  EXPECT_EQ(frags[0].destination.to_string(), "127.0.0.9") << "the address that was sent to, by IP_PKTINFO";
  EXPECT_EQ(frags[0].destination_port, kPort);
  EXPECT_EQ(frags[0].port_index, 3);
  EXPECT_EQ(frags[0].queue, kQueue);
  EXPECT_EQ(frags[0].way, WayIn::kCompanion);
  EXPECT_EQ(frags[0].length, 1203);
  EXPECT_EQ(tag(frags[0]), 7u);
  EXPECT_EQ(counters_.snapshot().get(Counter::kSlowWayPublished, 3), 1u);
  EXPECT_EQ(counters_.snapshot().sum(Counter::kPublished), 0u) << "the rings' account is another one";
  expect_accounts_closed(*companion, 1);
  companion->give_back(frags);
  expect_accounts_closed(*companion, 0);
}

TEST_F(CompanionTest, TakesTheEmptyDatagramAndTheLongestAndDiscardsTheNext) {
  const auto companion = open({.max_payload = 1472});
  ASSERT_TRUE(companion->add_port(kPort, 0));
  sender_.send(0, 0);
  sender_.send(1473, 1);
  sender_.send(1472, 2);
  sender_.send(60000, 3);
  const std::span<const Frag> frags = companion->poll();
  ASSERT_EQ(frags.size(), 2u);
  EXPECT_EQ(frags[0].length, 0);
  EXPECT_EQ(frags[1].length, 1472);
  EXPECT_EQ(tag(frags[1]), 2u);
  const CounterSnapshot c = counters_.snapshot();
  EXPECT_EQ(c.get(Counter::kSlowWayRx), 4u);
  EXPECT_EQ(c.get(Counter::kSlowWayDiscarded, static_cast<std::size_t>(DiscardReason::kOversize)), 2u);
  EXPECT_EQ(c.sum(Counter::kDiscarded), 0u);
  expect_accounts_closed(*companion, 2);
}

TEST_F(CompanionTest, APortThatIsHeldIsNotRefusedAndOneThatIsNotIs) {
  {
    const auto companion = open();
    ASSERT_TRUE(companion->add_port(kPort, 0));
    EXPECT_EQ(LoopbackSender::refusal(kPort), 0);
    EXPECT_EQ(LoopbackSender::refusal(kOtherPort), ECONNREFUSED);
  }
  EXPECT_EQ(LoopbackSender::refusal(kPort), ECONNREFUSED) << "gone with the companion";
  const auto off = open({.mode = Companion::kOff});
  ASSERT_TRUE(off->add_port(kPort, 0));
  EXPECT_EQ(LoopbackSender::refusal(kPort), ECONNREFUSED);
  EXPECT_EQ(off->wait_fd(), -1);
  EXPECT_TRUE(off->poll().empty());
}

TEST_F(CompanionTest, APortInUseIsAnErrorThatNamesTheWayOut) {
  const auto first = open();
  ASSERT_TRUE(first->add_port(kPort, 0));
  const auto second = open();
  const Status refused = second->add_port(kPort, 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, EADDRINUSE);
  EXPECT_NE(refused.error().message().find("8003"), std::string::npos);
  EXPECT_NE(refused.error().fix.find("companion = \"external\""), std::string::npos);
  EXPECT_EQ(second->port_at(0), 0);
}

TEST_F(CompanionTest, ExternalSaysWhetherSomebodyHoldsThePortAndLeavesItAlone) {
  const auto holder = open();
  ASSERT_TRUE(holder->add_port(kPort, 0));
  const auto external = open({.mode = Companion::kExternal});
  ASSERT_TRUE(external->add_port(kPort, 0));
  ASSERT_TRUE(external->add_port(kOtherPort, 1));
  EXPECT_TRUE(external->held_elsewhere(0));
  EXPECT_FALSE(external->held_elsewhere(1));
  sender_.send(100, 1);
  EXPECT_TRUE(external->poll().empty());
  EXPECT_EQ(holder->poll().size(), 1u) << "the datagram is the other program's";
  ASSERT_TRUE(holder->add_port(kOtherPort, 1)) << "looking did not keep the port";
}

TEST_F(CompanionTest, WithoutAFreeFrameNothingIsReadAndNothingLost) {
  const auto companion = open();
  ASSERT_TRUE(companion->add_port(kPort, 0));
  constexpr std::uint64_t kSent = 2 * kFrames;
  for (std::uint64_t i = 0; i < kSent; ++i)
    sender_.send(200, i);
  std::vector<Frag> held;
  for (std::span<const Frag> frags = companion->poll(); !frags.empty(); frags = companion->poll())
    held.insert(held.end(), frags.begin(), frags.end());
  EXPECT_EQ(held.size(), kFrames);
  EXPECT_EQ(companion->wait_fd(), -1) << "waiting for it would spin";
  expect_accounts_closed(*companion, held.size());

  std::set<std::uint64_t> tags;
  while (!held.empty()) {
    for (const Frag& frag : held)
      EXPECT_TRUE(tags.insert(tag(frag)).second) << "twice";
    companion->give_back(held);
    const std::span<const Frag> more = companion->poll();
    held.assign(more.begin(), more.end());
  }
  EXPECT_EQ(tags.size(), kSent);
  expect_accounts_closed(*companion, 0);
}

TEST_F(CompanionTest, ABusyPortDoesNotStarveAnother) {
  const auto companion = open();
  ASSERT_TRUE(companion->add_port(kPort, 0));
  ASSERT_TRUE(companion->add_port(kOtherPort, 1));
  for (std::uint64_t i = 0; i < 100; ++i)
    sender_.send(100, i);
  sender_.send(100, 1000, kOtherPort);
  const std::span<const Frag> frags = companion->poll();
  EXPECT_TRUE(std::any_of(frags.begin(), frags.end(),
                          [](const Frag& frag) { return frag.destination_port == kOtherPort; }));
  EXPECT_LE(frags.size(), CompanionSocket::kBatch);
}

TEST_F(CompanionTest, AFullBufferIsCountedAsDropped) {
  const auto companion = open({.buffer_bytes = 16384});
  ASSERT_TRUE(companion->add_port(kPort, 0));
  constexpr std::uint64_t kSent = 100;
  for (std::uint64_t i = 0; i < kSent; ++i)
    sender_.send(1203, i);
  std::uint64_t received = 0;
  for (std::span<const Frag> frags = companion->poll(); !frags.empty(); frags = companion->poll()) {
    received += frags.size();
    companion->give_back(frags);
  }
  ASSERT_TRUE(companion->read_drops());
  const std::uint64_t dropped = counters_.snapshot().get(Counter::kSlowWayDropped);
  EXPECT_GT(dropped, 0u);
  EXPECT_EQ(received + dropped, kSent);
  companion->remove_port(0);
  EXPECT_TRUE(companion->poll().empty());
  ASSERT_TRUE(companion->read_drops());
  EXPECT_EQ(counters_.snapshot().get(Counter::kSlowWayDropped), dropped) << "drops outlive their socket";
}

TEST_F(CompanionTest, ARemovedPortIsDrainedBeforeItIsLetGo) {
  const auto companion = open();
  ASSERT_TRUE(companion->add_port(kPort, 0));
  for (std::uint64_t i = 0; i < CompanionSocket::kBatch; ++i)
    sender_.send(100, i);
  companion->remove_port(0);
  EXPECT_EQ(companion->port_at(0), 0);
  const std::span<const Frag> frags = companion->poll();
  EXPECT_EQ(frags.size(), CompanionSocket::kBatch);
  companion->give_back(frags);
  EXPECT_EQ(LoopbackSender::refusal(kPort), 0) << "still held, since it had something";
  companion->give_back(companion->poll());  // the datagram of the line above
  EXPECT_TRUE(companion->poll().empty());
  EXPECT_EQ(LoopbackSender::refusal(kPort), ECONNREFUSED);
  EXPECT_EQ(companion->wait_fd(), -1);
}

TEST_F(CompanionTest, APortMayComeBackBeforeItWasLetGo) {
  const auto companion = open();
  ASSERT_TRUE(companion->add_port(kPort, 0));
  sender_.send(100, 1);
  companion->remove_port(0);
  ASSERT_TRUE(companion->add_port(kPort, 0));
  EXPECT_EQ(companion->poll().size(), 1u) << "the same socket, with what it had";
  EXPECT_TRUE(companion->poll().empty());
  EXPECT_EQ(LoopbackSender::refusal(kPort), 0);
  companion->remove_port(0);
  ASSERT_TRUE(companion->add_port(kOtherPort, 0)) << "another port in its place";
  EXPECT_EQ(LoopbackSender::refusal(kPort), ECONNREFUSED);
}

TEST_F(CompanionTest, WaitingWakesForADatagram) {
  const auto companion = open();
  ASSERT_TRUE(companion->add_port(kPort, 0));
  pollfd polled{.fd = companion->wait_fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&polled, 1, 0), 0);
  sender_.send(100, 1);
  EXPECT_EQ(::poll(&polled, 1, 10'000), 1);
}

TEST_F(CompanionTest, GivingAFrameBackTwiceIsAProgrammersError) {
  const auto companion = open();
  ASSERT_TRUE(companion->add_port(kPort, 0));
  sender_.send(100, 1);
  const std::span<const Frag> frags = companion->poll();
  ASSERT_EQ(frags.size(), 1u);
  companion->give_back(frags);
  EXPECT_DEATH(companion->give_back(frags), "CHECK");
}

TEST(CompanionModes, HaveNames) {
  for (const Companion mode : {Companion::kOwn, Companion::kExternal, Companion::kOff})
    EXPECT_EQ(*parse_companion(to_string(mode)), mode);
  EXPECT_FALSE(parse_companion("both"));
}

}  // namespace
}  // namespace penstock
