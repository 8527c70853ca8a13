// Steps down, on `lo`, which has no native XDP, and on a veth, which has no zero-copy. In a namespace of its
// own.
#include "engine/receive/open_receiver.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/receive/testing/receiver_on_veth.h"

namespace penstock {
namespace {

class OpenReceiverTest : public ReceiverOnVeth {
 protected:
  static ReceiverPlan plan_of(std::optional<Path> path, const std::string& interface = "pen1",
                              AttachMode mode = AttachMode::kNative) {
    ReceiverPlan plan{.path = path};
    plan.af_xdp = config_of(Filter::kKernel);
    plan.af_xdp.interface = interface;
    plan.af_xdp.attach_mode = mode;
    plan.sockets = {.ports = {kPort}, .frames = 256};
    return plan;
  }
  static ReceiverPlan required(ReceiverPlan plan) {
    plan.required = true;
    return plan;
  }
  void SetUp() override {
    ReceiverOnVeth::SetUp();
    run("ip link set lo up");
  }
};

constexpr Path kFilters[] = {Path::kKernelFilter, Path::kUserspaceFilter};

TEST_F(OpenReceiverTest, OpensWhatWasAskedForWhereItCan) {
  for (const Path path : kFilters) {
    const auto opened = open_receiver(required(plan_of(path)));
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_TRUE(opened->steps_down.empty());
    EXPECT_EQ(opened->receiver->path(), path);
    EXPECT_EQ(opened->receiver->mode(), "native copy");
    EXPECT_EQ(opened->af_xdp, opened->receiver.get());
  }
  for (const Path path : {Path::kIoUring, Path::kUdp}) {
    const auto opened = open_receiver(required(plan_of(path)));
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ(opened->receiver->path(), path);
    EXPECT_EQ(opened->af_xdp, nullptr);
  }
}

TEST_F(OpenReceiverTest, WithoutNativeXdpTheKernelFilterRunsInGenericModeAndSaysWhy) {
  for (const std::optional<Path> path :
       {std::optional(Path::kKernelFilter), std::optional(Path::kUserspaceFilter), std::optional<Path>()}) {
    const auto opened = open_receiver(plan_of(path, "lo"));
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ(opened->receiver->path(), Path::kKernelFilter);
    EXPECT_EQ(opened->receiver->mode(), "generic copy");
    ASSERT_EQ(opened->steps_down.size(), 1u);
    EXPECT_NE(opened->steps_down[0].find("EOPNOTSUPP"), std::string::npos) << opened->steps_down[0];
    EXPECT_TRUE(eventually("! ip -o link | grep -q penstock")) << "the TAP of the first try";
  }
}

TEST_F(OpenReceiverTest, TheUserspaceFilterInGenericModeBecomesTheKernelFilter) {
  const auto opened = open_receiver(plan_of(Path::kUserspaceFilter, "pen1", AttachMode::kGeneric));
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(opened->receiver->path(), Path::kKernelFilter);
  ASSERT_EQ(opened->steps_down.size(), 1u);
  EXPECT_NE(opened->steps_down[0].find("loop"), std::string::npos) << opened->steps_down[0];
}

TEST_F(OpenReceiverTest, WhatIsRequiredIsNeverLess) {
  for (const std::optional<Path> path :
       {std::optional(Path::kKernelFilter), std::optional(Path::kUserspaceFilter), std::optional<Path>()}) {
    const auto refused = open_receiver(required(plan_of(path, "lo")));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, EOPNOTSUPP);
    EXPECT_NE(refused.error().what.find("required"), std::string::npos) << refused.error().message();
  }
  EXPECT_FALSE(open_receiver(required(plan_of(Path::kUserspaceFilter, "lo", AttachMode::kGeneric))));
  run("! ip link show lo | grep -q xdp");
}

TEST_F(OpenReceiverTest, ForcedZeroCopyIsTriedWhateverTheDriver) {
  ReceiverPlan plan = plan_of(Path::kKernelFilter);
  plan.zero_copy = ZeroCopy::kForce;
  const auto refused = open_receiver(plan);
  ASSERT_FALSE(refused) << "veth has none, and nothing else was asked for";
  EXPECT_EQ(refused.error().code, EOPNOTSUPP) << refused.error().message();

  plan.path.reset();
  const auto opened = open_receiver(plan);
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(opened->receiver->mode(), "native copy");
  ASSERT_EQ(opened->steps_down.size(), 1u);
  EXPECT_NE(opened->steps_down[0].find("native zero-copy"), std::string::npos) << opened->steps_down[0];
}

TEST_F(OpenReceiverTest, WhatTheUserCanMendIsAnErrorOfAnExplicitWay) {
  const auto first = open_receiver(plan_of(Path::kKernelFilter));
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_FALSE(open_receiver(plan_of(Path::kKernelFilter))) << "the queue is taken";
  EXPECT_FALSE(open_receiver(plan_of(Path::kKernelFilter, "nosuch0")));
}

TEST_F(OpenReceiverTest, WhatTheUserCanMendIsAStepDownUnderAutoWithItsFix) {
  ReceiverPlan other = plan_of(Path::kKernelFilter);
  other.af_xdp.classifier.ports = {kOtherPort};
  const auto first = open_receiver(other);
  ASSERT_TRUE(first) << first.error().message();
  const auto second = open_receiver(plan_of(std::nullopt));
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_EQ(second->receiver->path(), Path::kIoUring);
  ASSERT_EQ(second->steps_down.size(), 2u) << "native and generic";
  for (const std::string& step : second->steps_down)
    EXPECT_NE(step.find("EBUSY"), std::string::npos) << step;
}

TEST_F(OpenReceiverTest, APortThatIsHeldLeavesNoWayAndAllAreNamed) {
  const auto holder = open_receiver(plan_of(Path::kUdp));
  ASSERT_TRUE(holder);
  ReceiverPlan plan = plan_of(std::nullopt);
  plan.af_xdp.companion = Companion::kOwn;
  const auto refused = open_receiver(plan);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, EADDRINUSE);
  for (const char* way : {"native copy", "generic copy", "io_uring", "udp"})
    EXPECT_NE(refused.error().what.find(way), std::string::npos) << refused.error().message();
}

// In a child, since what a process gave up it does not get back.
int without_capabilities(const ReceiverPlan& plan) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2]{};
  if (syscall(SYS_capset, &header, none) != 0) return 1;
  const auto opened = open_receiver(plan);
  if (!opened) return 2;
  if (is_af_xdp(opened->receiver->path())) return 3;
  if (opened->steps_down.size() < 2) return 4;
  for (std::size_t i = 0; i < 2; ++i) {
    if (opened->steps_down[i].find("EPERM") == std::string::npos) return 5;
    if (opened->steps_down[i].find("fix:") == std::string::npos) return 6;
  }
  return 0;
}

TEST_F(OpenReceiverTest, WithoutCapabilitiesAutoReceivesBySocketsAndNamesWhatIsMissing) {
  ReceiverPlan plan = plan_of(std::nullopt);
  plan.sockets.buffer_bytes = 64u << 10;  // what anybody may have
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(without_capabilities(plan));
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0) << "which check of without_capabilities() failed";
}

TEST(WaysOf, TriesZeroCopyWhereTheTableAllowsItAndForcedOnly) {
  const auto names = [](const ReceiverPlan& plan, bool allowed) {
    std::string all;
    for (const WayToReceive& way : ways_of(plan, allowed))
      all += (all.empty() ? "" : "; ") + to_string(way);
    return all;
  };
  ReceiverPlan plan{.path = Path::kUserspaceFilter};
  EXPECT_EQ(names(plan, false), "userspace_filter, native copy; kernel_filter, generic copy");
  EXPECT_EQ(names(plan, true),
            "userspace_filter, native zero-copy; userspace_filter, native copy; kernel_filter, generic copy");
  plan.zero_copy = ZeroCopy::kOff;
  EXPECT_EQ(names(plan, true), "userspace_filter, native copy; kernel_filter, generic copy");
  plan.zero_copy = ZeroCopy::kForce;
  EXPECT_EQ(names(plan, false), "userspace_filter, native zero-copy");
  plan = {.path = std::nullopt};
  EXPECT_EQ(names(plan, true),
            "kernel_filter, native zero-copy; kernel_filter, native copy; kernel_filter, generic copy; "
            "io_uring; udp");
  EXPECT_EQ(names({.path = Path::kUdp}, true), "udp");
}

}  // namespace
}  // namespace penstock
