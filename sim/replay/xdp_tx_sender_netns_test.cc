// The AF_XDP sender over a veth pair: what arrives is what the workload holds, at every pace.
#include <errno.h>

#include <vector>

#include <gtest/gtest.h>

#include "sim/replay/testing/veth_pair.h"
#include "sim/replay/xdp_tx_sender.h"

namespace penstock {
namespace {

using testing::FrameListener;
using testing::is_all_of;
using testing::is_all_of_stamped;
using testing::run;

class XdpTxSenderTest : public testing::VethPairTest {
 protected:
  void SetUp() override { make_pair(false); }
};

TEST_F(XdpTxSenderTest, EverythingArrivesInOrderAndNothingLeavesEarly) {
  const Workload workload = first_light();
  FrameListener listener("far");
  const Result<ReplayReport> report = replay_xdp_tx(config_, workload);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(is_all_of(listener.drain(), workload));
  EXPECT_EQ(report->sent.frames, workload.frames().size());
  EXPECT_EQ(report->sent.bytes, workload.bytes());
  EXPECT_EQ(report->by_kind[index_of(FrameKind::kShred)].frames, 1'600u);
  EXPECT_GE(report->elapsed + report->lateness_max, report->asked);
}

TEST_F(XdpTxSenderTest, FlatOutGoesRoundTheRingManyTimes) {
  const Workload once = first_light();
  Workload workload({});
  for (int round = 0; round < 5; ++round) {
    for (const TimedFrame& frame : once.frames())
      workload.add_copy(0, frame.kind, frame.bytes);
  }
  FrameListener listener("far");
  config_.pace = Pace::kFlatOut;
  const Result<ReplayReport> report = replay_xdp_tx(config_, workload);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(is_all_of(listener.drain(), workload));
  EXPECT_FALSE(report->missed_rate);
  EXPECT_GT(report->rate_pps(), 0u);
}

TEST_F(XdpTxSenderTest, AStampedFrameEndsWithTheTimeAtWhichItLeaves) {
  const Workload workload = first_light();
  FrameListener listener("far");
  config_.stamped = true;
  const Nanoseconds since = MonotonicClock().now();
  const Result<ReplayReport> report = replay_xdp_tx(config_, workload);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(is_all_of_stamped(listener.drain(), workload, since));
}

TEST_F(XdpTxSenderTest, TheQueueIsFreeAgainAfterwards) {
  const Workload workload = first_light();
  config_.pace = Pace::kFlatOut;
  ASSERT_TRUE(replay_xdp_tx(config_, workload));
  const Result<ReplayReport> again = replay_xdp_tx(config_, workload);
  EXPECT_TRUE(again) << again.error().message();
}

TEST_F(XdpTxSenderTest, OfNothingSendsNothing) {
  const Result<ReplayReport> report = replay_xdp_tx(config_, Workload({}));
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->sent.frames, 0u);
}

TEST_F(XdpTxSenderTest, AFrameBeyondAChunkIsNamedBeforeAnythingIsSent) {
  run("ip link set dev near mtu 3000");
  Workload workload({});
  workload.add_copy(0, FrameKind::kShred, std::vector<std::byte>(2'049));
  const Result<ReplayReport> report = replay_xdp_tx(config_, workload);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, EMSGSIZE);
  EXPECT_EQ(report.error().what, "send frame 0 (shred, 2049 bytes): near takes 14 to 2048 bytes");
}

TEST_F(XdpTxSenderTest, AnInterfaceThatIsNotUpIsRefused) {
  run("ip link set dev near down");
  const Result<ReplayReport> report = replay_xdp_tx(config_, first_light());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ENETDOWN);
}

}  // namespace
}  // namespace penstock
