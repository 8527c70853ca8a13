// Rules R1-R19 (docs/conformance.md) where they are about the kernel and the whole receiver: on a real veth,
// with both filters. Those that are about our own behaviour over rings stand beside that code; the page has
// all of them, with their tests. Needs root.
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/receive/testing/inbound.h"
#include "engine/receive/testing/receiver_on_veth.h"

namespace penstock {
namespace {

std::ptrdiff_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

std::ptrdiff_t threads() {
  const std::filesystem::directory_iterator all("/proc/self/task");
  return std::distance(begin(all), end(all));
}

class Conformance : public ReceiverOnVeth, public ::testing::WithParamInterface<Filter> {
 protected:
  static std::unique_ptr<AfXdpReceiver> open(AfXdpConfig config = {}) {
    return open_with(config_of(GetParam(), std::move(config)));
  }

  // What came since the last call, each payload beside its port's index, in order.
  struct Came {
    std::uint64_t tag;
    std::uint8_t port_index;
    std::vector<std::byte> payload;
  };
  // Waits for `at_least` of them, however long the machine takes (10 s), and then until no more come.
  std::vector<Came> take(AfXdpReceiver& receiver, std::size_t at_least = 0) {
    std::vector<Came> came;
    const MonotonicClock clock;
    const Nanoseconds deadline = clock.now() + 10 * kSecond;
    for (int quiet = 0; quiet < 3 || (came.size() < at_least && clock.now() < deadline);) {
      const std::span<const Frag> frags = receiver.poll();
      for (const Frag& frag : frags) {
        const std::span<const std::byte> payload = receiver.payload(frag);
        std::uint64_t tag = 0;
        std::memcpy(&tag, payload.data(), sizeof(tag));
        came.push_back({tag, frag.port_index, {payload.begin(), payload.end()}});
      }
      receiver.give_back(frags);
      if (!frags.empty()) continue;
      ++quiet;
      EXPECT_TRUE(receiver.wait(5 * kMillisecond));
    }
    return came;
  }

  // A payload of `bytes` that tells its number, and of each byte whether it is the right one.
  static std::vector<std::byte> numbered_payload(std::uint64_t number, std::size_t bytes) {
    std::vector<std::byte> payload(bytes);
    for (std::size_t i = 0; i < bytes; ++i)
      payload[i] = static_cast<std::byte>(number * 31 + i);
    std::memcpy(payload.data(), &number, sizeof(number));
    return payload;
  }
};

TEST_P(Conformance, R1AllArriveOnceInOrderAndUnchanged) {
  const auto receiver = open();
  ASSERT_NE(receiver, nullptr);
  constexpr std::uint64_t kPackets = 4096;
  std::uint64_t next = 0;
  for (std::uint64_t number = 0; number < kPackets;) {
    for (int i = 0; i < 128; ++i, ++number)
      send_frame(datagram_of(numbered_payload(number, 8 + number % 1221), {}));
    for (const Came& came : take(*receiver, 128)) {
      ASSERT_EQ(came.tag, next);
      ASSERT_EQ(came.payload, numbered_payload(next, 8 + next % 1221));
      ++next;
    }
  }
  EXPECT_EQ(next, kPackets);
}

TEST_P(Conformance, R3OnePacketOnAnIdleReceiverNeedsNoSecond) {
  const auto receiver = open();
  ASSERT_NE(receiver, nullptr);
  EXPECT_TRUE(take(*receiver).empty());
  for (int i = 0; i < 3; ++i) {
    const std::uint64_t tag = send();
    const std::vector<Came> came = take(*receiver, 1);
    ASSERT_EQ(came.size(), 1u);
    EXPECT_EQ(came[0].tag, tag);
  }
}

TEST_P(Conformance, R5AnIdleWaitSleepsAndShowsNothing) {
  const auto receiver = open();
  ASSERT_NE(receiver, nullptr);
  ASSERT_TRUE(take(*receiver).empty());
  ASSERT_TRUE(receiver->refresh_counters());
  const std::uint64_t before = receiver->snapshot().get(Counter::kRxWaits);
  const Nanoseconds slept_from = MonotonicClock().now();
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(receiver->wait(20 * kMillisecond));
    EXPECT_TRUE(receiver->poll().empty());
  }
  EXPECT_GE(MonotonicClock().now() - slept_from, 10 * 19 * kMillisecond) << "none returned before its time";
  ASSERT_TRUE(receiver->refresh_counters());
  EXPECT_LE(receiver->snapshot().get(Counter::kRxWaits) - before, 10u) << "one system call each";
}

TEST_P(Conformance, R9HundredStartsAndStopsLeaveNothing) {
  { ASSERT_NE(open(), nullptr); }  // what is made once for the process
  const std::ptrdiff_t descriptors = open_descriptors(), before = threads();
  for (int i = 0; i < 100; ++i) {
    const auto receiver = open();
    ASSERT_NE(receiver, nullptr) << "round " << i;
    if (i % 10 != 0) continue;
    const std::uint64_t tag = send();
    const std::vector<Came> came = take(*receiver, 1);
    ASSERT_EQ(came.size(), 1u) << "round " << i;
    EXPECT_EQ(came[0].tag, tag);
  }
  EXPECT_EQ(open_descriptors(), descriptors);
  EXPECT_EQ(threads(), before);
  EXPECT_TRUE(eventually("! ip link show pen1 | grep -q xdp"));
  EXPECT_TRUE(eventually("! ip -o link | grep -q penstock"));
}

TEST_P(Conformance, R14OfHalfTheTrafficExactlyOursArrivesAndTheHostGetsTheRest) {
  Inbound host("pen1");
  const auto receiver = open();
  ASSERT_NE(receiver, nullptr);
  constexpr std::uint64_t kPackets = 400;
  std::uint64_t ours = 0;
  for (std::uint64_t i = 0; i < kPackets;) {
    for (int batch = 0; batch < 40; ++batch, ++i)
      send({.port = i % 2 == 0 ? kPort : kOtherPort});
    for (const Came& came : take(*receiver, 20)) {
      EXPECT_EQ(came.tag, 2 * ours + 1);
      ++ours;
    }
  }
  EXPECT_EQ(ours, kPackets / 2);
  // Behind the userspace filter the return tile gives them to the stack in its own time.
  EXPECT_TRUE(receive_until(*receiver, [&] {
    host.drain();
    return host.frames.size() >= kPackets / 2;
  }));
  EXPECT_EQ(host.frames.size(), kPackets / 2);
}

TEST_P(Conformance, R15InterleavedPortsAreToldApart) {
  const auto receiver = open({.classifier = {.ports = {kPort, kOtherPort}}});
  ASSERT_NE(receiver, nullptr);
  std::vector<std::uint64_t> sent[2];
  for (int i = 0; i < 200; ++i)
    sent[i % 2].push_back(send({.port = i % 2 == 0 ? kPort : kOtherPort}));
  std::vector<std::uint64_t> came[2];
  for (const Came& each : take(*receiver, 200)) {
    ASSERT_LT(each.port_index, 2);
    came[each.port_index].push_back(each.tag);
  }
  EXPECT_EQ(came[0], sent[0]);
  EXPECT_EQ(came[1], sent[1]);
}

TEST_P(Conformance, R18SmallestAndLargestRingsPassTraffic) {
  for (const std::uint32_t entries : {64u, 32'768u}) {
    AfXdpConfig config = config_of(GetParam());
    config.rx_entries = entries;
    const auto receiver = open_with(config);
    ASSERT_NE(receiver, nullptr) << entries;
    for (int round = 0; round < 8; ++round) {
      std::vector<std::uint64_t> sent, came;
      for (int i = 0; i < 60; ++i)
        sent.push_back(send());
      for (const Came& each : take(*receiver, 60))
        came.push_back(each.tag);
      EXPECT_EQ(came, sent) << entries;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, Conformance, ::testing::Values(Filter::kKernel, Filter::kUserspace),
                         [](const auto& info) {
                           return info.param == Filter::kKernel ? "KernelFilter" : "UserspaceFilter";
                         });

}  // namespace
}  // namespace penstock
