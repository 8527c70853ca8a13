// The two receivers over sockets, on loopback in a namespace of its own: the same cases for both.
#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/receive/io_uring_receiver.h"
#include "engine/receive/testing/loopback_sender.h"
#include "engine/receive/udp_port.h"
#include "engine/receive/udp_receiver.h"

namespace penstock {
namespace {

constexpr std::uint16_t kPort = 8003;
constexpr std::uint16_t kOtherPort = 8007;
constexpr std::uint32_t kFrames = 64;

class SocketReceivers : public testing::TestWithParam<Path> {
 protected:
  void SetUp() override { ASSERT_FALSE(HasFailure()) << "the sender could not bind"; }

  static Result<std::unique_ptr<Receiver>> try_open(const SocketReceiverConfig& config) {
    if (GetParam() == Path::kUdp) {
      auto receiver = UdpReceiver::open(config);
      if (!receiver) return tl::unexpected(receiver.error());
      return std::unique_ptr<Receiver>(std::move(*receiver));
    }
    auto receiver = IoUringReceiver::open(config);
    if (!receiver) return tl::unexpected(receiver.error());
    return std::unique_ptr<Receiver>(std::move(*receiver));
  }
  static std::unique_ptr<Receiver> open(SocketReceiverConfig config = {}) {
    if (config.ports.empty()) config.ports = {kPort, kOtherPort};
    config.frames = kFrames;
    auto receiver = try_open(config);
    EXPECT_TRUE(receiver) << receiver.error().message();
    return receiver ? std::move(*receiver) : nullptr;
  }

  void send(std::size_t bytes, std::uint64_t tag, std::uint16_t port = kPort, const char* to = "127.0.0.1") {
    sender_.send(bytes, tag, port, to);
  }

  // Polls until nothing comes any more; notes tags, and gives back at once.
  void receive_all(Receiver& receiver) {
    for (int quiet = 0; quiet < 3;) {
      const std::span<const Frag> frags = receiver.poll();
      for (const Frag& frag : frags)
        note(receiver, frag);
      receiver.give_back(frags);
      if (!frags.empty()) continue;
      ++quiet;
      ASSERT_TRUE(receiver.wait(kMillisecond));
    }
  }
  void note(const Receiver& receiver, const Frag& frag) {
    std::uint64_t tag = 0;
    if (frag.length >= sizeof(tag)) std::memcpy(&tag, receiver.payload(frag).data(), sizeof(tag));
    order_.push_back(tag);
  }
  // Waits for one datagram and hands it to the caller.
  static Frag receive_one(Receiver& receiver) {
    for (int turn = 0; turn < 1000; ++turn) {
      const std::span<const Frag> frags = receiver.poll();
      if (!frags.empty()) {
        EXPECT_EQ(frags.size(), 1u);
        return frags.front();
      }
      EXPECT_TRUE(receiver.wait(10 * kMillisecond));
    }
    ADD_FAILURE() << "nothing came";
    return {};
  }
  static CounterSnapshot counters(Receiver& receiver) {
    EXPECT_TRUE(receiver.refresh_counters());
    const CounterSnapshot c = receiver.snapshot();
    EXPECT_EQ(c.get(Counter::kSocketRx), c.sum(Counter::kPublished) + c.sum(Counter::kDiscarded));
    return c;
  }

  LoopbackSender sender_;
  std::vector<std::uint64_t> order_;  // tags, as they came
};

TEST_P(SocketReceivers, HandOutADatagramWithItsAddresses) {
  const auto receiver = open();
  EXPECT_EQ(receiver->path(), GetParam());
  EXPECT_TRUE(receiver->poll().empty());
  send(1203, 7, kOtherPort, "127.0.0.9");
  const Frag frag = receive_one(*receiver);
  EXPECT_EQ(frag.source.to_string(), "127.0.0.1");
  EXPECT_EQ(frag.source_port, LoopbackSender::kSourcePort);
  EXPECT_EQ(frag.destination.to_string(), "127.0.0.9");
  EXPECT_EQ(frag.destination_port, kOtherPort);
  EXPECT_EQ(frag.port_index, 1);
  EXPECT_EQ(frag.length, 1203);
  EXPECT_EQ(frag.offset, 256) << "as for AF_XDP";
  EXPECT_EQ(frag.way, WayIn::kSocket);
  note(*receiver, frag);
  EXPECT_EQ(order_, std::vector<std::uint64_t>{7});
  const CounterSnapshot c = counters(*receiver);
  EXPECT_EQ(c.get(Counter::kPublished, 1), 1u);
  EXPECT_EQ(c.get(Counter::kPublishedBytes, 1), 1203u);
  receiver->give_back({&frag, 1});
}

TEST_P(SocketReceivers, DeliverManyInOrderThroughFewFrames) {
  const auto receiver = open();
  std::vector<std::uint64_t> sent;
  for (std::uint64_t tag = 1; tag <= 2000; ++tag) {
    send(8 + tag % 1400, tag);
    sent.push_back(tag);
    if (tag % 300 == 0) receive_all(*receiver);  // more than there are frames wait in the socket
  }
  receive_all(*receiver);
  EXPECT_EQ(order_, sent);
  EXPECT_EQ(counters(*receiver).get(Counter::kSocketDrop), 0u);
}

TEST_P(SocketReceivers, EmptyAndLongestDatagramsAreHandedOutAndLongerOnesDiscarded) {
  const auto receiver = open({.max_payload = 1000});
  for (const std::size_t bytes : {0u, 1000u, 1001u, 5000u, 0u, 1u})
    send(bytes, 1);
  receive_all(*receiver);
  EXPECT_EQ(order_.size(), 4u);
  const CounterSnapshot c = counters(*receiver);
  EXPECT_EQ(c.get(DiscardReason::kOversize), 2u);
  EXPECT_EQ(c.get(Counter::kPublishedBytes, 0), 1001u);
}

TEST_P(SocketReceivers, AConsumerThatKeepsEveryFrameStopsTheReceiverAndNothingIsLost) {
  const auto receiver = open();
  std::vector<Frag> kept;
  for (std::uint64_t tag = 1; tag <= kFrames + 50; ++tag)
    send(100, tag);
  for (int turn = 0; turn < 50; ++turn) {
    const std::span<const Frag> frags = receiver->poll();
    kept.insert(kept.end(), frags.begin(), frags.end());
    if (!frags.empty()) continue;
    ASSERT_TRUE(receiver->wait(kMillisecond));
  }
  ASSERT_EQ(kept.size(), kFrames);
  std::vector<std::uint32_t> frames;
  for (const Frag& frag : kept) {
    note(*receiver, frag);  // not overwritten meanwhile
    frames.push_back(frag.frame);
  }
  std::sort(frames.begin(), frames.end());
  EXPECT_EQ(std::unique(frames.begin(), frames.end()), frames.end()) << "each frame is lent once";
  std::rotate(kept.begin(), kept.begin() + 7, kept.end());
  receiver->give_back(std::span(kept).first(10));
  receiver->give_back(std::span(kept).subspan(10));
  receive_all(*receiver);
  ASSERT_EQ(order_.size(), kFrames + 50);
  EXPECT_TRUE(std::is_sorted(order_.begin(), order_.end()));
}

TEST_P(SocketReceivers, WhatFindsTheBufferFullIsCounted) {
  const auto receiver = open({.buffer_bytes = 64 << 10});
  constexpr std::uint64_t kSent = 1000;
  for (std::uint64_t tag = 1; tag <= kSent; ++tag)
    send(1200, tag);
  receive_all(*receiver);
  const CounterSnapshot c = counters(*receiver);
  EXPECT_GT(c.get(Counter::kSocketDrop), 0u);
  EXPECT_EQ(c.get(Counter::kSocketRx) + c.get(Counter::kSocketDrop), kSent);
  send(1200, kSent + 1);
  receive_all(*receiver);
  EXPECT_EQ(order_.back(), kSent + 1) << "it goes on";
}

TEST_P(SocketReceivers, OneBusyPortDoesNotStarveTheOther) {
  const auto receiver = open();
  for (std::uint64_t tag = 1; tag <= 500; ++tag)
    send(100, tag);
  send(100, 1000, kOtherPort);
  receive_all(*receiver);
  const auto other = std::find(order_.begin(), order_.end(), 1000u);
  ASSERT_NE(other, order_.end());
  EXPECT_LT(other - order_.begin(), 400);
}

// More wait at the removed port than there are frames.
TEST_P(SocketReceivers, APortIsLetGoOfWhenAllOfItIsHandedOut) {
  const auto receiver = open();
  std::vector<std::uint64_t> sent;
  for (std::uint64_t tag = 1; tag <= 5 * kFrames; ++tag) {
    send(100, tag, kOtherPort);
    sent.push_back(tag);
    if (tag == kFrames) {
      ASSERT_TRUE(receiver->wait(kMillisecond)) << "the kernel is asked";
    }
  }
  ASSERT_TRUE(receiver->take_ports(std::array{kPort}, {}));
  EXPECT_FALSE(receiver->ports_settled());
  for (int turn = 0; turn < 1'000 && !receiver->ports_settled(); ++turn)
    receive_all(*receiver);
  EXPECT_TRUE(receiver->ports_settled());
  EXPECT_EQ(order_, sent);
  EXPECT_EQ(udp_port_is_held(kOtherPort).value_or(true), false);

  auto holds = receiver->hold_ports(std::array{kOtherPort});
  ASSERT_TRUE(holds) << holds.error().message();
  ASSERT_TRUE(receiver->take_ports(std::array{kPort, kOtherPort}, std::move(*holds)));
  send(100, 7, kOtherPort);
  send(100, 8);
  receive_all(*receiver);
  std::sort(order_.begin() + static_cast<std::ptrdiff_t>(sent.size()), order_.end());
  sent.insert(sent.end(), {7, 8});
  EXPECT_EQ(order_, sent);
  EXPECT_EQ(counters(*receiver).get(Counter::kPublished, 1), 5 * kFrames + 1) << "its old place";
}

TEST_P(SocketReceivers, AnIdleReceiverMakesNoSystemCallToPoll) {
  const auto receiver = open();
  receive_all(*receiver);
  const CounterSnapshot before = counters(*receiver);
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(receiver->poll().empty());
  EXPECT_EQ(counters(*receiver).since(before).get(Counter::kRxWakeups), 0u);
}

TEST_P(SocketReceivers, RefuseAPortThatIsHeldAndABufferThatIsNotGranted) {
  const auto first = open();
  const auto second = try_open({.ports = {kPort}, .frames = kFrames});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, EADDRINUSE);
  EXPECT_NE(second.error().message().find("8003"), std::string::npos) << second.error().message();
  EXPECT_FALSE(try_open({.ports = {9, 9}, .frames = kFrames}));
  EXPECT_FALSE(try_open({.ports = {9}, .frames = kFrames, .buffer_bytes = 0x7fff'ffff}));
}

TEST_P(SocketReceivers, AFrameGivenBackTwiceIsCaught) {
  const auto receiver = open();
  send(100, 1);
  const Frag frag = receive_one(*receiver);
  receiver->give_back({&frag, 1});
  EXPECT_DEATH(receiver->give_back({&frag, 1}), "CHECK");
}

// Links behind a receiver lend it frames of their own in place of those that they keep.
TEST_P(SocketReceivers, TakesTheFramesOfItsUsersLinksInPlaceOfItsOwn) {
  const auto receiver = open({.consumer_frames = 2 * kFrames});
  ASSERT_EQ(receiver->memory().frames, 3 * kFrames);
  std::uint32_t lent = receiver->first_consumer_frame();
  ASSERT_EQ(lent, kFrames);
  for (std::uint64_t tag = 0; tag < 2 * kFrames; ++tag) {
    send(100, tag);
    Frag frag = receive_one(*receiver);
    note(*receiver, frag);
    frag.frame = lent++;  // the link's frame goes back, the datagram's stays
    receiver->give_back({&frag, 1});
  }
  for (std::uint64_t tag = 2 * kFrames; tag < 3 * kFrames; ++tag)
    send(100, tag);
  receive_all(*receiver);
  ASSERT_EQ(order_.size(), 3 * kFrames);
  EXPECT_TRUE(std::is_sorted(order_.begin(), order_.end()));
}

TEST_P(SocketReceivers, IsTheThreadsThatPollsItWhoeverOpenedIt) {
  const auto receiver = open();
  send(100, 1);
  std::thread polling([&] {
    receive_all(*receiver);
    receiver->stop();
  });
  polling.join();
  EXPECT_EQ(order_, std::vector<std::uint64_t>{1});
}

INSTANTIATE_TEST_SUITE_P(Paths, SocketReceivers, testing::Values(Path::kUdp, Path::kIoUring),
                         [](const auto& info) { return std::string(to_string(info.param)); });

}  // namespace
}  // namespace penstock
