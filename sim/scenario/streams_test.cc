// Datagrams that are known again, and no other frame.
#include "sim/scenario/streams.h"

#include <gtest/gtest.h>

#include "sim/workload/frames.h"

namespace penstock {
namespace {

const LinkAddresses kLink{{{2, 0, 0, 0, 0, 1}}, {{2, 0, 0, 0, 0, 2}}, {{10, 0, 0, 2}}};

TEST(Streams, AreNumberedOverAllPortsAndSortedByTime) {
  Workload workload({.profile = "test", .link = kLink, .tvu_port = 8003});
  const StreamSpec streams[] = {
      {.port = 9001, .pps = 100, .bytes = 8, .from = 0, .until = 30 * kMillisecond},
      {.port = 9002, .pps = 1'000, .bytes = 900, .from = 5 * kMillisecond, .until = 7 * kMillisecond}};
  const auto datagrams = plan_streams(streams);
  add_streams(datagrams, &workload);
  ASSERT_EQ(datagrams.size(), 5u);
  EXPECT_EQ(datagrams[2].at, 20 * kMillisecond);
  EXPECT_EQ(datagrams[4].port, 9002);
  std::vector<std::uint64_t> sent;
  for (const TimedFrame& frame : workload.frames()) {
    const auto number = stream_number(frame.bytes);
    ASSERT_TRUE(number);
    EXPECT_EQ(frame.at, datagrams[*number].at);
    sent.push_back(*number);
  }
  EXPECT_EQ(sent, (std::vector<std::uint64_t>{0, 3, 4, 1, 2}));
}

TEST(Streams, OtherFramesHaveNoNumber) {
  Workload workload({.profile = "test", .link = kLink, .tvu_port = 8003});
  const std::vector<std::byte> payload(20);
  add_datagram(0, FrameKind::kJunk, {{{198, 18, 0, 1}}, 8006}, 8003, 1, payload, &workload);
  EXPECT_FALSE(stream_number(workload.frames()[0].bytes));
  EXPECT_FALSE(stream_number(std::vector<std::byte>(49)));
  EXPECT_FALSE(stream_number(kStreamSource, std::vector<std::byte>(7)));
  EXPECT_EQ(stream_number(kStreamSource, payload), 0u);
}

}  // namespace
}  // namespace penstock
