// What a consumer keeps, and for how long.
#include "sim/scenario/first_consumer.h"

#include <array>

#include <gtest/gtest.h>

#include "engine/packet/byte_order.h"
#include "sim/replay/stamp.h"
#include "sim/scenario/streams.h"
#include "sim/workload/sequence.h"

namespace penstock {
namespace {

constexpr Endpoint kSource{{{198, 18, 0, 1}}, 8006}, kDestination{{{192, 0, 2, 2}}, 8003};
constexpr std::uint16_t kLength = 100;

// Frames to hand out, and how many came back.
class Pool final : public Receiver {
 public:
  Pool() { memory_ = {.base = bytes_.data(), .frames = 4, .frame_bytes = 2048}; }

  Frag frag(std::uint32_t frame, WayIn way, Ipv4Address source = kSource.address) {
    std::byte* const payload = bytes_.data() + std::size_t{frame} * 2048 + 64;
    store_le64(payload, frame);
    return {.frame = frame,
            .offset = 64,
            .length = kLength,
            .source = source,
            .destination = kDestination.address,
            .source_port = kSource.port,
            .destination_port = kDestination.port,
            .way = way};
  }
  // One that is numbered, and says when it left.
  Frag stamped(std::uint32_t frame, Nanoseconds left) {
    Frag frag = this->frag(frame, WayIn::kAfXdp);
    frag.length = kSequenceEnd + kStampBytes;
    const std::span<std::byte> payload(bytes_.data() + std::size_t{frame} * 2048 + 64, frag.length);
    store_le64(&payload[kSequenceOffset], kSequenceMark);
    store_le64(&payload[kSequenceOffset + 8], frame);
    write_stamp(payload, left);
    return frag;
  }
  std::size_t back() const { return back_; }

  std::span<const Frag> poll() override { return {}; }
  void give_back(std::span<const Frag> frags) override { back_ += frags.size(); }
  Status wait(Nanoseconds) override { return {}; }
  Status refresh_counters() override { return {}; }
  void detach() override {}
  void stop() override {}
  Path path() const override { return Path::kKernelFilter; }
  std::string mode() const override { return "test"; }

 private:
  std::array<std::byte, 4 * 2048> bytes_{};
  std::size_t back_ = 0;
};

TEST(FirstConsumer, ReadsAndGivesBackAtOnce) {
  Pool pool;
  FirstConsumer consumer({.checks = ShredChecks::kCheap});
  const Frag frags[] = {pool.frag(0, WayIn::kAfXdp), pool.frag(1, WayIn::kCompanion)};
  consumer.take(pool, frags);
  EXPECT_EQ(pool.back(), 2u);
  MultisetDigest slow;
  const std::uint64_t name = slow.add_datagram(kSource, kDestination, pool.payload(frags[1]));
  const Consumed consumed = std::move(consumer).finish();
  EXPECT_EQ(consumed.datagrams, 2u);
  EXPECT_EQ(consumed.delivery.datagrams(), 2u);
  EXPECT_EQ(consumed.slow, slow);
  ASSERT_EQ(consumed.names.size(), 2u);
  EXPECT_EQ(consumed.names[1], name);
}

TEST(FirstConsumer, TalliesNumbersInsteadOfDigestsWhenTold) {
  Pool pool;
  FirstConsumer consumer({.checks = ShredChecks::kCheap, .numbered = 10});
  const Frag frags[] = {pool.frag(0, WayIn::kAfXdp), pool.frag(1, WayIn::kCompanion)};
  consumer.take(pool, frags);
  EXPECT_EQ(pool.back(), 2u);
  const Consumed consumed = std::move(consumer).finish();
  EXPECT_EQ(consumed.delivery.datagrams(), 2u);
  EXPECT_EQ(consumed.delivery.digest().count(), 0u);
  EXPECT_TRUE(consumed.names.empty());
  ASSERT_TRUE(consumed.delivery.numbers());
  EXPECT_EQ(consumed.delivery.numbers()->unnumbered(), 2u) << "they are too short to carry a number";
}

TEST(FirstConsumer, KeepsItsFramesWhileItIsStalled) {
  Pool pool;
  FirstConsumer consumer({.checks = ShredChecks::kCheap});
  consumer.stall();
  const Frag frags[] = {pool.frag(0, WayIn::kAfXdp), pool.frag(1, WayIn::kAfXdp)};
  consumer.take(pool, frags);
  Pool other;
  const Frag of_other[] = {other.frag(3, WayIn::kAfXdp)};
  consumer.take(other, of_other);
  EXPECT_EQ(pool.back() + other.back(), 0u);
  consumer.resume();
  EXPECT_EQ(pool.back(), 2u);
  EXPECT_EQ(other.back(), 1u) << "each gets its own";
  consumer.take(pool, frags);
  EXPECT_EQ(pool.back(), 4u) << "at once again";
  EXPECT_EQ(std::move(consumer).finish().datagrams, 5u);
}

TEST(FirstConsumer, NotesHowOldNumberedDatagramsAreWhenItReadsThem) {
  for (const bool stamped : {false, true}) {
    Pool pool;
    FirstConsumer consumer({.checks = ShredChecks::kCheap, .numbered = 10}, stamped);
    const Frag frags[] = {pool.stamped(0, MonotonicClock().now() - kSecond), pool.frag(1, WayIn::kAfXdp)};
    consumer.stall();
    consumer.take(pool, frags);
    consumer.resume();
    const LatencyHistogram ages = std::move(consumer).finish().ages;
    EXPECT_EQ(ages.count(), stamped ? 1u : 0u) << "the other has no number";
    EXPECT_TRUE(!stamped || ages.max() >= kSecond);
  }
}

TEST(FirstConsumer, SetsStreamsApartByTheirNumbers) {
  Pool pool;
  FirstConsumer consumer({.checks = ShredChecks::kCheap});
  const Frag frags[] = {pool.frag(2, WayIn::kAfXdp, kStreamSource),
                        pool.frag(3, WayIn::kCompanion, kStreamSource), pool.frag(0, WayIn::kAfXdp)};
  consumer.take(pool, frags);
  const Consumed consumed = std::move(consumer).finish();
  EXPECT_EQ(consumed.streams_fast, (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(consumed.streams_slow, (std::vector<std::uint64_t>{3}));
  EXPECT_EQ(consumed.delivery.datagrams(), 1u);
  EXPECT_EQ(consumed.datagrams, 3u);
}

}  // namespace
}  // namespace penstock
