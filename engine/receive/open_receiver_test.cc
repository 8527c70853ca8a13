// Steps down, on `lo`, which has no native XDP. In a namespace of its own.
#include "engine/receive/open_receiver.h"

#include <errno.h>

#include "engine/receive/testing/receiver_on_veth.h"

namespace penstock {
namespace {

class OpenReceiverTest : public ReceiverOnVeth {
 protected:
  static AfXdpConfig on_lo(Filter filter, AttachMode mode) {
    AfXdpConfig config = config_of(filter);
    config.interface = "lo";
    config.attach_mode = mode;
    return config;
  }
  void SetUp() override {
    ReceiverOnVeth::SetUp();
    run("ip link set lo up");
  }
};

TEST_F(OpenReceiverTest, OpensWhatWasAskedForWhereItCan) {
  for (const Filter filter : {Filter::kKernel, Filter::kUserspace}) {
    const auto opened = open_receiver(config_of(filter), true);
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_TRUE(opened->steps_down.empty());
    EXPECT_EQ(opened->receiver->mode(), "native copy");
  }
}

TEST_F(OpenReceiverTest, WithoutNativeXdpTheKernelFilterRunsInGenericModeAndSaysWhy) {
  for (const Filter filter : {Filter::kKernel, Filter::kUserspace}) {
    const auto opened = open_receiver(on_lo(filter, AttachMode::kNative), false);
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ(opened->receiver->path(), Path::kKernelFilter);
    EXPECT_EQ(opened->receiver->mode(), "generic copy");
    ASSERT_EQ(opened->steps_down.size(), 1u);
    EXPECT_NE(opened->steps_down[0].find("EOPNOTSUPP"), std::string::npos) << opened->steps_down[0];
    EXPECT_TRUE(eventually("! ip -o link | grep -q penstock")) << "the TAP of the first try";
  }
}

TEST_F(OpenReceiverTest, TheUserspaceFilterInGenericModeBecomesTheKernelFilter) {
  const auto opened = open_receiver(on_lo(Filter::kUserspace, AttachMode::kGeneric), false);
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(opened->receiver->path(), Path::kKernelFilter);
  ASSERT_EQ(opened->steps_down.size(), 1u);
  EXPECT_NE(opened->steps_down[0].find("loop"), std::string::npos) << opened->steps_down[0];
}

TEST_F(OpenReceiverTest, WhatIsRequiredIsNeverLess) {
  for (const Filter filter : {Filter::kKernel, Filter::kUserspace}) {
    const auto refused = open_receiver(on_lo(filter, AttachMode::kNative), true);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, EOPNOTSUPP);
    EXPECT_NE(refused.error().what.find("required"), std::string::npos) << refused.error().message();
  }
  EXPECT_FALSE(open_receiver(on_lo(Filter::kUserspace, AttachMode::kGeneric), true));
  run("! ip link show lo | grep -q xdp");
}

TEST_F(OpenReceiverTest, WhatTheUserCanMendIsNoStepDown) {
  const auto first = open_receiver(config_of(Filter::kKernel), false);
  ASSERT_TRUE(first) << first.error().message();
  AfXdpConfig config = config_of(Filter::kKernel);
  config.queues = 1;
  const auto second = open_receiver(config, false);
  ASSERT_FALSE(second) << "the queue is taken";
  config.interface = "nosuch0";
  EXPECT_FALSE(open_receiver(config, false));
}

}  // namespace
}  // namespace penstock
