// Order by time, and among equals by arrival.
#include "sim/turbine/hold_queue.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

std::vector<std::byte> payload(int value) {
  return {std::byte(value)};
}

TEST(HoldQueue, GivesWhatIsDueInOrderOfTime) {
  HoldQueue queue;
  EXPECT_FALSE(queue.next_due());
  queue.hold(30, payload(3), {7});
  queue.hold(10, payload(1), {5, 6});
  queue.hold(20, payload(2), {});
  EXPECT_EQ(queue.next_due(), 10);
  EXPECT_FALSE(queue.take(9));
  const auto first = queue.take(25);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->payload, payload(1));
  EXPECT_EQ(first->to, (std::vector<std::size_t>{5, 6}));
  EXPECT_EQ(queue.take(25)->payload, payload(2));
  EXPECT_FALSE(queue.take(25));
  EXPECT_EQ(queue.take(30)->payload, payload(3));
  EXPECT_FALSE(queue.next_due());
}

TEST(HoldQueue, WhatIsDueAtOnceKeepsItsOrder) {
  HoldQueue queue;
  for (int i = 0; i < 100; ++i)
    queue.hold(5, payload(i), {});
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(queue.take(5)->payload, payload(i));
}

TEST(HoldQueue, KeepsACopy) {
  HoldQueue queue;
  std::vector<std::byte> bytes = payload(1);
  queue.hold(5, bytes, {});
  bytes = payload(2);
  EXPECT_EQ(queue.take(5)->payload, payload(1));
}

}  // namespace
}  // namespace penstock
