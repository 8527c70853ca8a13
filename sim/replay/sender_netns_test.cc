// The AF_PACKET sender over a veth pair of the test's own namespace: what arrives at the other end is what
// the workload holds, at every pace. Runs under //ci/bazel:in_netns.sh, so interfaces go with the test.
#include <errno.h>
#include <net/if.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/replay/sender.h"
#include "sim/replay/testing/veth_pair.h"

namespace penstock {
namespace {

using testing::FrameListener;
using testing::is_all_of;
using testing::is_all_of_stamped;
using testing::run;

class PacketSenderTest : public testing::VethPairTest {
 protected:
  void SetUp() override { make_pair(false); }
};

TEST_F(PacketSenderTest, EverythingArrivesInOrderAndNothingLeavesEarly) {
  const Workload workload = first_light();
  FrameListener listener("far");
  const Result<ReplayReport> report = replay_packets(config_, workload);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(is_all_of(listener.drain(), workload));

  EXPECT_EQ(report->sent.frames, workload.frames().size());
  EXPECT_EQ(report->sent.bytes, workload.bytes());
  EXPECT_EQ(report->by_kind[index_of(FrameKind::kShred)].frames, 1'600u);
  std::uint64_t kinds = 0;
  for (const SentCount& kind : report->by_kind)
    kinds += kind.frames;
  EXPECT_EQ(kinds, report->sent.frames);
  EXPECT_EQ(report->asked, workload.duration() - workload.frames().front().at);
  // The last frame is never early; the first may be late by what is on record.
  EXPECT_GE(report->elapsed + report->lateness_max, report->asked);
}

TEST_F(PacketSenderTest, AStampedFrameEndsWithTheTimeAtWhichItLeaves) {
  const Workload workload = first_light();
  FrameListener listener("far");
  config_.stamped = true;
  const Nanoseconds since = MonotonicClock().now();
  const Result<ReplayReport> report = replay_packets(config_, workload);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(is_all_of_stamped(listener.drain(), workload, since));
}

TEST_F(PacketSenderTest, FlatOutSendsTheSame) {
  const Workload workload = first_light();
  FrameListener listener("far");
  config_.pace = Pace::kFlatOut;
  config_.burst = 16;
  const Result<ReplayReport> report = replay_packets(config_, workload);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(is_all_of(listener.drain(), workload));
  EXPECT_FALSE(report->missed_rate);
  EXPECT_EQ(report->asked, 0);
  EXPECT_GT(report->rate_pps(), 0u);
}

TEST_F(PacketSenderTest, FixedRateTakesAsLongAsAskedFor) {
  const Workload workload = first_light();
  FrameListener listener("far");
  config_.pace = Pace::kFixedRate;
  config_.pps = 20'000;
  const Result<ReplayReport> report = replay_packets(config_, workload);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(is_all_of(listener.drain(), workload));
  EXPECT_GE(report->elapsed + report->lateness_max,
            static_cast<Nanoseconds>((workload.frames().size() - 1) * kSecond / 20'000));
}

TEST_F(PacketSenderTest, ANappingSenderSendsTheSameInTheSameTime) {
  const Workload workload = first_light();
  FrameListener listener("far");
  config_.napping = true;
  const Result<ReplayReport> report = replay_packets(config_, workload);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(is_all_of(listener.drain(), workload));
  EXPECT_GE(report->elapsed + report->lateness_max, report->asked);
}

TEST_F(PacketSenderTest, ReplaysAsOftenAsOneLikes) {
  const Workload workload = first_light();
  FrameListener listener("far");
  config_.pace = Pace::kFlatOut;
  ASSERT_TRUE(replay_packets(config_, workload));
  ASSERT_TRUE(replay_packets(config_, workload));
  EXPECT_EQ(listener.drain().size(), 2 * workload.frames().size());
}

TEST_F(PacketSenderTest, ReportsProgressToTheEnd) {
  const Workload workload = first_light();
  std::uint64_t last = 0;
  config_.progress = [&](std::uint64_t done, std::uint64_t of) {
    EXPECT_GE(done, last);
    EXPECT_EQ(of, workload.frames().size());
    last = done;
  };
  ASSERT_TRUE(replay_packets(config_, workload));
  EXPECT_EQ(last, workload.frames().size());
}

TEST_F(PacketSenderTest, OfNothingSendsNothing) {
  const Result<ReplayReport> report = replay_packets(config_, Workload({}));
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->sent.frames, 0u);
  EXPECT_EQ(report->rate_pps(), 0u);
  EXPECT_FALSE(report->missed_rate);
}

TEST_F(PacketSenderTest, AFrameBeyondTheMtuIsNamedBeforeAnythingIsSent) {
  Workload workload({});
  workload.add_copy(0, FrameKind::kShred, std::vector<std::byte>(1'514));
  workload.add_copy(0, FrameKind::kGossip, std::vector<std::byte>(1'515));
  const Result<ReplayReport> report = replay_packets(config_, workload);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, EMSGSIZE);
  EXPECT_EQ(report.error().what, "send frame 1 (gossip, 1515 bytes): near takes 14 to 1514 bytes");
}

TEST_F(PacketSenderTest, AFrameWithoutAnEthernetHeaderIsNamed) {
  Workload workload({});
  workload.add_copy(0, FrameKind::kImpaired, std::vector<std::byte>(13));
  const Result<ReplayReport> report = replay_packets(config_, workload);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().what, "send frame 0 (impaired, 13 bytes): near takes 14 to 1514 bytes");
}

TEST_F(PacketSenderTest, AnInterfaceThatIsNotUpIsRefused) {
  run("ip link set dev near down");  // that of the far end takes the carrier only after a while
  const Result<ReplayReport> report = replay_packets(config_, first_light());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ENETDOWN);
}

TEST_F(PacketSenderTest, AnInterfaceThatDoesNotExistIsNamed) {
  config_.ifindex = 4'711;
  const Result<ReplayReport> report = replay_packets(config_, first_light());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().what, "find interface 4711 in this network namespace");
  EXPECT_EQ(report.error().code, ENODEV);
}

TEST_F(PacketSenderTest, AnInterfaceThatGoesAwayWhileSendingIsAnError) {
  Workload workload({});
  for (int i = 0; i < 10; ++i) {
    workload.add_copy(i * 200 * kMillisecond, FrameKind::kShred, std::vector<std::byte>(60));
  }
  bool downed = false;
  config_.progress = [&](std::uint64_t, std::uint64_t) {
    if (!downed) run("ip link set dev near down");
    downed = true;
  };
  const Result<ReplayReport> report = replay_packets(config_, workload);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ENETDOWN);
}

}  // namespace
}  // namespace penstock
