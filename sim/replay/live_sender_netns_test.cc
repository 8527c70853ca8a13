// The live-frame sender over a veth pair: every frame arrives byte for byte, in order and once, whatever the
// ring, the lengths and the pace; and nothing goes on when the sender goes.
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "bpf/generator.h"
#include "sim/replay/live_sender.h"
#include "sim/replay/testing/veth_pair.h"
#include "sim/topology/leaks/kernel_objects.h"
#include "sim/topology/netns.h"
#include "sim/topology/offloads.h"

namespace penstock {
namespace {

using testing::FrameListener;
using testing::is_all_of;
using testing::is_all_of_stamped;
using testing::kSenderMac;
using testing::run;

// An Ethernet frame from kSenderMac whose every byte depends on its number.
std::vector<std::byte> frame_of(std::size_t number, std::size_t length) {
  std::vector<std::byte> frame(length);
  for (std::size_t i = 0; i < length; ++i)
    frame[i] = static_cast<std::byte>(i * 7 + number * 13 + number / 256);
  std::copy_n(reinterpret_cast<const std::byte*>(kSenderMac.bytes.data()), 6, &frame[6]);
  frame[0] = std::byte{2};      // unicast
  frame[12] = std::byte{0x88};  // the local experimental ethertype: no protocol looks at it
  frame[13] = std::byte{0xb5};
  return frame;
}

Workload frames_of_lengths(const std::vector<std::size_t>& lengths, std::size_t count, Nanoseconds gap) {
  Workload workload({});
  for (std::size_t i = 0; i < count; ++i) {
    workload.add_copy(static_cast<Nanoseconds>(i) * gap, FrameKind::kCaptured,
                      frame_of(i, lengths[i % lengths.size()]));
  }
  return workload;
}

class LiveSenderTest : public testing::VethPairTest {
 protected:
  void SetUp() override { make_pair(true); }

  // Sends and expects everything at the far end.
  ReplayReport expect_whole(const Workload& workload, std::uint32_t slots = kLiveSlots) {
    FrameListener listener("far");
    const Result<ReplayReport> report = replay_live(config_, workload, slots);
    EXPECT_TRUE(report) << report.error().message();
    if (!report) return {};
    EXPECT_EQ(report->sent.frames, workload.frames().size());
    EXPECT_EQ(report->sent.bytes, workload.bytes());
    EXPECT_TRUE(report->redirected);
    EXPECT_EQ(report->refused, 0u);
    EXPECT_EQ(report->ring_full, 0u);
    EXPECT_TRUE(is_all_of(listener.drain(), workload));
    return *report;
  }
};

TEST_F(LiveSenderTest, AWorkloadArrivesWholeAndNotEarly) {
  const Workload workload = first_light();
  const ReplayReport report = expect_whole(workload);
  EXPECT_EQ(report.by_kind[index_of(FrameKind::kShred)].frames, 1'600u);
  EXPECT_EQ(report.asked, workload.duration() - workload.frames().front().at);
  EXPECT_GE(report.elapsed, report.asked);
  EXPECT_LE(report.elapsed, report.asked + report.lateness_max);
  EXPECT_GT(report.skipped, 0u);
}

TEST_F(LiveSenderTest, LengthsGrowAndShrinkFromRunToRun) {
  // Pages come back with an earlier run's bytes: longer and shorter ones in every order.
  const Workload workload =
      frames_of_lengths({14, 1'514, 60, 61, 1'513, 100, 15, 777, 1'245, 1'270}, 20'000, 2 * kMicrosecond);
  expect_whole(workload);
}

TEST_F(LiveSenderTest, AWorkloadOfManyTimesTheSlotsGoesThrough) {
  expect_whole(frames_of_lengths({1'245, 1'270}, 30'011, 5 * kMicrosecond), 256);
}

TEST_F(LiveSenderTest, FlatOutFindsASmallRingEmptyAndSaysSo) {
  config_.pace = Pace::kFlatOut;
  config_.burst = 16;
  const ReplayReport report = expect_whole(frames_of_lengths({1'245}, 20'000, 0), 64);
  EXPECT_TRUE(report.starved > 0 && !report.missed_rate);
  EXPECT_EQ(report.asked, 0);
  EXPECT_GT(report.rate_pps(), 0u);
}

TEST_F(LiveSenderTest, AFixedRateTakesAsLongAsAskedFor) {
  config_.pace = Pace::kFixedRate;
  config_.pps = 20'000;
  const ReplayReport report = expect_whole(first_light());
  ASSERT_FALSE(report.windows.empty());
  EXPECT_EQ(std::accumulate(report.windows.begin(), report.windows.end(), 0u), report.sent.frames);
  EXPECT_EQ(report.windows.size(), static_cast<std::size_t>(report.elapsed / kWindow) + 1);
  EXPECT_GE(report.elapsed, static_cast<Nanoseconds>((report.sent.frames - 1) * kSecond / 20'000));
}

// The frames stay in the slots; a single one in the kernel's pages, which nothing writes to.
TEST_F(LiveSenderTest, LoopsSendTheSameFramesOverAndOver) {
  for (const Pace pace : {Pace::kFixedRate, Pace::kFlatOut}) {
    for (const std::size_t count : {128u, 1u}) {
      const Workload workload = frames_of_lengths({1'245, 60, 1'270}, count, 0);
      config_.pace = pace;
      config_.pps = 50'000;
      config_.loops = 2'560 / count;
      config_.burst = 16;
      FrameListener listener("far");
      const Result<ReplayReport> report = replay_live(config_, workload);
      ASSERT_TRUE(report) << report.error().message();
      EXPECT_EQ(report->sent.frames, 2'560u);
      EXPECT_EQ(report->sent.bytes, config_.loops * workload.bytes());
      EXPECT_EQ(report->refused + report->ring_full, 0u);
      EXPECT_EQ(report->asked, pace == Pace::kFlatOut ? 0 : 2'559 * kSecond / 50'000);
      EXPECT_GE(report->elapsed, report->asked);
      const auto arrived = listener.drain();
      ASSERT_EQ(arrived.size(), 2'560u);
      for (std::size_t i = 0; i < arrived.size(); ++i) {
        const std::span<const std::byte> sent = workload.frames()[i % count].bytes;
        ASSERT_TRUE(std::equal(arrived[i].begin(), arrived[i].end(), sent.begin(), sent.end())) << i;
      }
    }
  }
}

TEST_F(LiveSenderTest, LoopsEndWhenTheirTimeIsUp) {
  const Workload workload = frames_of_lengths({1'245, 60}, 64, 0);
  config_.pace = Pace::kFlatOut;
  config_.loops = 100'000'000;  // minutes
  config_.at_most = 20 * kMillisecond;
  const Result<ReplayReport> report = replay_live(config_, workload);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_GT(report->sent.frames, 0u);
  EXPECT_LT(report->sent.frames, config_.loops * 64);
  // Of a last loop that is not whole, too: the long and the short ones take turns.
  const std::uint64_t frames = report->sent.frames;
  EXPECT_EQ(report->sent.bytes, (frames + 1) / 2 * 1'245 + frames / 2 * 60);
  EXPECT_EQ(report->refused, 0u);
}

TEST_F(LiveSenderTest, AStampedFrameEndsWithTheTimeAtWhichItLeaves) {
  config_.stamped = true;
  FrameListener listener("far");
  const Nanoseconds since = MonotonicClock().now();
  const Workload workload = frames_of_lengths({1'245, 60, 21, 22}, 200, 50 * kMicrosecond);
  ASSERT_TRUE(replay_live(config_, workload));
  EXPECT_TRUE(is_all_of_stamped(listener.drain(), workload, since));
}

TEST_F(LiveSenderTest, SendsAgainAndReportsProgressToTheEnd) {
  const Workload workload = first_light();
  std::uint64_t last = 0;
  config_.progress = [&](std::uint64_t done, std::uint64_t of) {
    EXPECT_GE(done, last);
    EXPECT_EQ(of, workload.frames().size());
    last = done;
  };
  expect_whole(workload);
  EXPECT_EQ(last, workload.frames().size());
  last = 0;
  expect_whole(workload);
}

TEST_F(LiveSenderTest, OfNothingSendsNothing) {
  const ReplayReport report = expect_whole(Workload({}));
  EXPECT_EQ(report.rate_pps(), 0u);
  EXPECT_FALSE(report.missed_rate);
}

TEST_F(LiveSenderTest, APeerWithoutNapiIsRefusedBeforeTheFirstFrame) {
  ASSERT_TRUE(set_offloads(*NetNamespace::current(), "far", {.gro = false}));
  const Result<ReplayReport> report = replay_live(config_, first_light());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, EOPNOTSUPP);
  EXPECT_EQ(report.error().what, "send live frames through near: it takes no redirected frames");
}

// The trap: the kernel throws such frames away before the device, and no counter of it tells.
TEST_F(LiveSenderTest, FramesThatVanishOnTheWayAreCountedAsRefused) {
  const Workload workload = frames_of_lengths({100}, 1'000, kMillisecond);
  FrameListener listener("far");
  bool off = false;
  config_.progress = [&](std::uint64_t, std::uint64_t) {
    if (std::exchange(off, true)) return;
    ASSERT_TRUE(set_offloads(*NetNamespace::current(), "far", {.gro = false}));
  };
  const Result<ReplayReport> report = replay_live(config_, workload);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_GT(report->refused, 0u);
  EXPECT_EQ(listener.drain().size() + report->refused, workload.frames().size());
}

TEST_F(LiveSenderTest, AFrameBeyondASlotIsNamedBeforeAnythingIsSent) {
  run("ip link set dev near mtu 3000");
  const Result<ReplayReport> report =
      replay_live(config_, frames_of_lengths({PENSTOCK_SLOT_BYTES, PENSTOCK_SLOT_BYTES + 1}, 2, 0));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, EMSGSIZE);
  EXPECT_EQ(report.error().what, "send frame 1 (captured, 2033 bytes): near takes 14 to 2032 bytes");
}

TEST_F(LiveSenderTest, AnInterfaceThatIsNotUpIsRefused) {
  run("ip link set dev near down");
  const Result<ReplayReport> report = replay_live(config_, first_light());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ENETDOWN);
}

TEST_F(LiveSenderTest, TheSenderThatIsKilledStopsSendingAndLeavesNothing) {
  const auto before = KernelObjects::snapshot();
  ASSERT_TRUE(before) << before.error().message();
  FrameListener listener("far");
  const Workload workload = frames_of_lengths({100}, 100'000, 10 * kMillisecond);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    (void)replay_live(config_, workload);
    ::_exit(1);
  }
  const auto generators = [&before] {
    std::vector<std::string> names = KernelObjects::snapshot()->added_since(*before);
    std::erase_if(names, [](const std::string& name) { return name.find("generate") == std::string::npos; });
    return names;
  };
  int status = 0;
  while (generators().empty()) {
    ASSERT_EQ(::waitpid(child, &status, WNOHANG), 0) << "the sender ended";
    ::usleep(1'000);
  }
  ::usleep(200'000);  // far into the call
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_FALSE(listener.drain().empty());
  EXPECT_TRUE(wait_until_gone(generators(), 10 * kSecond));
  EXPECT_TRUE(listener.drain().empty());
}

}  // namespace
}  // namespace penstock
