// What frames on a veth cannot show (why_veth_test.cc has the rest), and what holds for every row.
#include "engine/monitor/why.h"

#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "engine/monitor/causes.h"

namespace penstock {
namespace {

// An engine with two sockets on four queues that has counted nothing yet.
EngineSample idle() {
  EngineSample sample;
  sample.ports = {8003, 8009};
  sample.facts.ready = true;
  sample.facts.config = {{"interface", "eth0"}, {"shred_version", "7"}};
  sample.facts.receiver = {.path = "kernel_filter", .mode = "native copy", .sockets = 2};
  sample.facts.interface_queues = 4;
  sample.facts.device = DeviceCounters{};
  return sample;
}

void add(EngineSample& sample, Counter counter, std::uint64_t by, std::size_t value = 0) {
  sample.counters.slots[counter_slot(counter, value)] += by;
}

std::string cause_of(const EngineSample& before, const EngineSample& now) {
  return why_nothing(before, now).value_or(Answer{}).cause;
}

TEST(Why, TheProgramSeesNothingOfWhatTheInterfaceReceives) {
  EngineSample now = idle();
  now.facts.device->rx_packets = 5'000;
  const auto answer = why_nothing(idle(), now);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->cause, "program_sees_nothing");
  EXPECT_EQ(answer->sentence, "eth0 receives 5,000 frames, and the XDP program sees none of them");
  EXPECT_EQ(answer->command, "`bpftool net show dev eth0` shows whether it is still attached");
}

TEST(Why, TheSocketsGiveNothing) {
  EngineSample now = idle();
  now.facts.device->rx_packets = 100;
  add(now, Counter::kXdpRedirect, 100);
  EXPECT_EQ(cause_of(idle(), now), "redirected_nowhere");
  add(now, Counter::kRxRingFull, 60);
  add(now, Counter::kRxDropped, 40);
  const auto answer = why_nothing(idle(), now);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->cause, "lost");
  EXPECT_NE(answer->sentence.find("rx_ring_full (60)"), std::string::npos) << answer->sentence;
}

TEST(Why, ARedirectThatIsCountedLateIsNoCause) {
  EngineSample before = idle();
  add(before, Counter::kRxDescriptors, 100);
  add(before, Counter::kPublished, 100);
  EngineSample now = before;
  add(now, Counter::kXdpRedirect, 100);
  EXPECT_EQ(cause_of(before, now), "nothing_arrives");
  now.facts.device->rx_packets = 100;
  EXPECT_EQ(cause_of(before, now), "");
}

TEST(Why, AFrameForOurPortSaysMoreThanManyOthers) {
  EngineSample now = idle();
  now.facts.device->rx_packets = 1'000'001;
  add(now, Counter::kXdpPass, 1'000'000, PENSTOCK_PORT);
  EXPECT_EQ(cause_of(idle(), now), "passed_port");
  add(now, Counter::kXdpPass, 1, PENSTOCK_DESTINATION);
  EXPECT_EQ(cause_of(idle(), now), "passed_destination");
}

TEST(Why, ATenthOfTheFramesMayHideOurs) {
  EngineSample now = idle();
  now.facts.device->rx_packets = 1'000;
  add(now, Counter::kXdpPass, 901, PENSTOCK_PORT);
  add(now, Counter::kXdpPass, 99, PENSTOCK_GRE);
  EXPECT_EQ(cause_of(idle(), now), "passed_port");
  add(now, Counter::kXdpPass, 10, PENSTOCK_GRE);
  const auto answer = why_nothing(idle(), now);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->cause, "passed_gre");
  EXPECT_TRUE(answer->sentence.starts_with("10 % of the frames are GRE")) << answer->sentence;
}

TEST(Why, SomethingByTheFastWayIsEnoughUnlessMostIsSlow) {
  EngineSample now = idle();
  now.facts.device->rx_packets = 100;
  add(now, Counter::kXdpPass, 50, PENSTOCK_NO_SOCKET);
  add(now, Counter::kPublished, 51);
  add(now, Counter::kSlowWayPublished, 50);
  EXPECT_EQ(cause_of(idle(), now), "");
  add(now, Counter::kSlowWayPublished, 10, 1);
  EXPECT_EQ(cause_of(idle(), now), "no_socket");
}

TEST(Why, ShredsThatWereThereBeforeAreUse) {
  EngineSample now = idle();
  add(now, Counter::kPublished, 100);
  add(now, Counter::kShredDiscarded, 99, reject_value(RejectReason::kVersion));
  EXPECT_EQ(cause_of(idle(), now), "shred_version");
  add(now, Counter::kShredDuplicate, 1);
  EXPECT_EQ(cause_of(idle(), now), "");
}

TEST(Why, AnEngineThatWasStartedAnewIsTakenFromItsStart) {
  EngineSample before = idle();
  add(before, Counter::kPublished, 1'000'000);
  EngineSample now = idle();
  now.facts.device->rx_packets = 10;
  add(now, Counter::kXdpPass, 10, PENSTOCK_PORT);
  EXPECT_EQ(cause_of(before, now), "passed_port");
}

TEST(Why, TheManualListsEveryCauseOfTheTables) {
  std::ostringstream manual;
  manual << std::ifstream("docs/monitor.md").rdbuf();
  for (const PassCause& cause : pass_causes()) {
    const std::string reason(reason_name(cause.reason));
    const std::string name = cause.reason == PENSTOCK_NO_SOCKET ? reason : "passed_" + reason;
    EXPECT_NE(manual.str().find("`" + name + "`"), std::string::npos) << name;
  }
  for (const RejectCause& cause : reject_causes())
    EXPECT_NE(manual.str().find("`shred_" + std::string(name_of(cause.reason)) + "`"), std::string::npos);
}

TEST(Why, EveryReasonOfBothTablesHasItsSentence) {
  for (const PassCause& cause : pass_causes()) {
    EngineSample now = idle();
    now.facts.device->rx_packets = 1'234;
    add(now, Counter::kXdpPass, 1'234, cause.reason);
    const auto answer = why_nothing(idle(), now);
    ASSERT_TRUE(answer) << cause.sentence;
    EXPECT_TRUE(answer->cause.ends_with(reason_name(cause.reason))) << answer->cause;
    EXPECT_EQ((answer->sentence + answer->command).find_first_of("{}"), std::string::npos);
  }
  for (std::size_t i = 1; i < kRejectReasons; ++i) {
    const auto reason = static_cast<RejectReason>(i);
    EngineSample now = idle();
    add(now, Counter::kPublished, 9);
    add(now, Counter::kShredDiscarded, 9, reject_value(reason));
    const auto answer = why_nothing(idle(), now);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->cause, "shred_" + std::string(name_of(reason)));
    EXPECT_NE(answer->sentence.find("(9)"), std::string::npos) << answer->sentence;
    EXPECT_TRUE(answer->receives);
  }
}

}  // namespace
}  // namespace penstock
