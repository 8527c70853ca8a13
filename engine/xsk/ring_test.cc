// Both sides of a ring against each other, at every offset from the 32-bit wrap.
#include "engine/xsk/ring.h"

#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

struct Shared {
  std::uint32_t producer;
  std::uint32_t consumer;
  std::uint32_t flags = 0;
  std::vector<std::uint64_t> entries;

  Shared(std::uint32_t size, std::uint32_t first_index)
      : producer(first_index), consumer(first_index), entries(size) {}
  RingMemory<std::uint64_t> memory() {
    return {&producer, &consumer, &flags, entries.data(), static_cast<std::uint32_t>(entries.size())};
  }
};

class RingWrap : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RingWrap, FillsToTheBrimAndEmptiesInOrder) {
  Shared shared(4, GetParam());
  ProducerRing<std::uint64_t> producer(shared.memory());
  ConsumerRing<std::uint64_t> consumer(shared.memory());
  std::uint64_t written = 0, read = 0;
  for (int round = 0; round < 20; ++round) {
    const std::uint32_t room = producer.room(4);
    ASSERT_EQ(room, 4u);
    for (std::uint32_t i = 0; i < room; ++i)
      producer.push(written++);
    EXPECT_EQ(consumer.available(1), 0u) << "nothing is visible before submit";
    producer.submit();
    EXPECT_EQ(producer.room(1), 0u) << "full";
    ASSERT_EQ(consumer.available(4), 4u);
    for (std::uint32_t i = 0; i < 4; ++i)
      EXPECT_EQ(consumer.peek(i), read++);
    consumer.pop(4);
    EXPECT_EQ(producer.room(1), 0u) << "places are free only after release";
    consumer.release();
  }
}

TEST_P(RingWrap, PartialBatches) {
  Shared shared(8, GetParam());
  ProducerRing<std::uint64_t> producer(shared.memory());
  ConsumerRing<std::uint64_t> consumer(shared.memory());
  std::uint64_t written = 0, read = 0;
  for (int round = 0; round < 50; ++round) {
    const std::uint32_t batch = 1 + static_cast<std::uint32_t>(round % 5);
    for (std::uint32_t i = 0; i < batch && producer.room(1) > 0; ++i)
      producer.push(written++);
    producer.submit();
    const std::uint32_t take = std::min(consumer.available(8), 3u);
    for (std::uint32_t i = 0; i < take; ++i)
      EXPECT_EQ(consumer.peek(i), read + i);
    consumer.pop(take);
    read += take;
    consumer.release();
  }
  EXPECT_GT(read, 100u);
  EXPECT_LE(written - read, 8u);
}

INSTANTIATE_TEST_SUITE_P(StartIndices, RingWrap,
                         testing::Values(0u, 1u, 0xffff'fff0u, 0xffff'fffcu, 0xffff'fffdu, 0xffff'ffffu,
                                         0x7fff'ffffu));

TEST(Ring, NeedsWakeupIsTheOtherSidesFlag) {
  Shared shared(4, 0);
  const ProducerRing<std::uint64_t> producer(shared.memory());
  EXPECT_FALSE(producer.needs_wakeup());
  shared.flags = XDP_RING_NEED_WAKEUP;
  EXPECT_TRUE(producer.needs_wakeup());
}

TEST(Ring, TakesUpWhereTheIndicesStand) {
  Shared shared(4, 10);
  shared.producer = 12;
  shared.entries = {0, 0, 70, 71};
  ConsumerRing<std::uint64_t> consumer(shared.memory());
  ASSERT_EQ(consumer.available(1), 2u);
  EXPECT_EQ(consumer.peek(0), 70u);
  EXPECT_EQ(consumer.peek(1), 71u);
}

TEST(RingDeathTest, RefusesASizeThatIsNoPowerOfTwo) {
  Shared shared(6, 0);
  EXPECT_DEATH(ProducerRing<std::uint64_t>(shared.memory()), "CHECK");
}

// Fails under tsan, or by a wrong sum, when a release or an acquire is taken out.
TEST(Ring, TwoThreadsPassEveryEntryOnce) {
  constexpr std::uint64_t kEntries = 200'000;
  Shared shared(64, 0xffff'ff00u);
  ProducerRing<std::uint64_t> producer(shared.memory());
  ConsumerRing<std::uint64_t> consumer(shared.memory());
  std::jthread writer([&] {
    for (std::uint64_t next = 0; next < kEntries;) {
      if (producer.room(1) == 0) {
        std::this_thread::yield();
        continue;
      }
      producer.push(next++);
      producer.submit();
    }
  });
  for (std::uint64_t expected = 0; expected < kEntries;) {
    if (consumer.available(1) == 0) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_EQ(consumer.peek(0), expected++);
    consumer.pop(1);
    consumer.release();
  }
}

}  // namespace
}  // namespace penstock
