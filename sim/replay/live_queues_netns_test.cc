// Live frames and the RX queues of a veth: by the sending CPU, and by several CPUs at a time.
#include <errno.h>
#include <sched.h>

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/wait.h"
#include "sim/replay/live_sender.h"
#include "sim/replay/testing/veth_pair.h"
#include "sim/topology/driver_statistics.h"
#include "sim/topology/netns.h"

namespace penstock {
namespace {

constexpr std::uint64_t kForEver = 1'000'000'000'000;  // frames
constexpr Nanoseconds kPatience = 10 * kSecond;

Workload short_frames(std::size_t count) {
  Workload workload({});
  for (std::size_t i = 0; i < count; ++i)
    workload.add_copy(0, FrameKind::kCaptured, std::vector<std::byte>(100, std::byte{2}));
  return workload;
}

// The first two CPUs that this process may use and that lead to different queues of two.
std::vector<unsigned> cpus_of_two_queues() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return {};
  for (unsigned cpu = 0; cpu + 1 < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed) && CPU_ISSET(cpu + 1, &allowed)) return {cpu, cpu + 1};
  }
  return {};
}

class LiveQueuesTest : public testing::VethPairTest {
 protected:
  void SetUp() override {
    make_pair(true, 2);
    ASSERT_EQ(cpus_.size(), 2u) << "two CPUs side by side are needed";
  }

  // Frames that the far end's queue was given.
  static std::uint64_t packets(unsigned queue) {
    const Result<Ethtool> far = Ethtool::open(*NetNamespace::current(), "far");
    const auto statistics = read_driver_statistics(far.value());
    for (const DriverStatistic& statistic : statistics.value()) {
      if (statistic.name == "rx_queue_" + std::to_string(queue) + "_xdp_packets") return statistic.value;
    }
    ADD_FAILURE() << "no statistic of queue " << queue;
    return 0;
  }

  // A frame in the ring is counted nowhere: the far end's softirq may come late.
  static bool all_arrive(const ReplayReport& report) {
    return wait_until([&] { return packets(0) + packets(1) + report.ring_full == report.sent.frames; },
                      kPatience);
  }

  const std::vector<unsigned> cpus_ = cpus_of_two_queues();
};

TEST_F(LiveQueuesTest, FramesLandOnTheSendingCpuModuloTheQueues) {
  const Workload workload = short_frames(100);
  for (const unsigned cpu : cpus_) {
    const std::uint64_t before = packets(cpu % 2);
    config_.cpu = cpu;
    const Result<ReplayReport> report = replay_live(config_, workload);
    ASSERT_TRUE(report) << report.error().message();
    const auto all = [&] { return packets(cpu % 2) - before + report->ring_full == 100; };
    EXPECT_TRUE(wait_until(all, kPatience)) << packets(cpu % 2) - before << " on CPU " << cpu;
  }
}

// Slow enough for the 256 places of a queue, unless the machine stands still.
TEST_F(LiveQueuesTest, ASenderOnEachCpuFeedsEachQueue) {
  const Workload workload = short_frames(1);
  config_.pace = Pace::kFixedRate;
  config_.cpu = cpus_.front();
  config_.cpus = 2;
  config_.pps = 100'000;
  config_.loops = 10'000;
  const Result<ReplayReport> report = replay_live(config_, workload);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->sent.frames, 20'000u);
  EXPECT_EQ(report->asked, 9'999 * kSecond / 50'000);
  EXPECT_GE(report->elapsed, report->asked);
  EXPECT_EQ(report->refused, 0u);
  EXPECT_TRUE(all_arrive(*report));
  for (const unsigned queue : {0, 1}) {
    EXPECT_LE(packets(queue), 10'000u);
    EXPECT_GE(packets(queue) + report->ring_full, 10'000u);
  }
}

TEST_F(LiveQueuesTest, FlatOutTheyEndByTheClock) {
  config_.pace = Pace::kFlatOut;
  config_.loops = kForEver;
  config_.cpu = cpus_.front();
  config_.cpus = 2;
  config_.at_most = 20 * kMillisecond;
  const Result<ReplayReport> report = replay_live(config_, short_frames(1));
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_LT(report->sent.frames, kForEver);
  EXPECT_EQ(report->refused, 0u);
  EXPECT_TRUE(all_arrive(*report));
}

// There is no such CPU behind the first: that sender's error ends the other one too.
TEST_F(LiveQueuesTest, OneThatFailsEndsTheOthers) {
  config_.pace = Pace::kFlatOut;
  config_.loops = kForEver;
  config_.cpu = CPU_SETSIZE - 1;
  config_.cpus = 2;
  const Result<ReplayReport> report = replay_live(config_, short_frames(1));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, EINVAL) << report.error().message();
}

}  // namespace
}  // namespace penstock
