// The receiver's program on an interface: detached with its owner, and never over somebody else's program.
// Needs root.
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/xdp/receiver_program.h"
#include "engine/xdp/testing/veth_wire.h"
#include "engine/xdp/xdp_holder.h"

namespace penstock {
namespace {

class AttachTest : public ::testing::Test {
 protected:
  static ReceiverProgram load(Loader loader = Loader::kLibbpf) {
    auto program = ReceiverProgram::load(*Classifier::create(row_classifier()), PortMap::kArray, loader);
    EXPECT_TRUE(program) << program.error().message();
    return std::move(*program);
  }
  Status attach(ReceiverProgram& program, AttachMode mode) const {
    return program.attach(Filter::kKernel, testing::VethWire::kInterface, wire_.index(), mode);
  }
  std::vector<XdpHolder> holders() const { return xdp_holders(wire_.index()); }

  const testing::VethWire wire_;
};

TEST_F(AttachTest, DetachesWhenItsOwnerGoes) {
  for (const Loader loader : {Loader::kLibbpf, Loader::kDirect}) {
    {
      ReceiverProgram program = load(loader);
      ASSERT_TRUE(attach(program, AttachMode::kNative));
      ASSERT_EQ(holders().size(), 1U);
      EXPECT_EQ(holders()[0].program_name, "filter_by_port");
      EXPECT_EQ(holders()[0].mode, "native");
      EXPECT_NE(holders()[0].link_id, 0U);
    }
    EXPECT_TRUE(holders().empty());
  }
}

// The slot that somebody else holds, and how.
struct Foreign {
  const char* name;
  AttachMode mode;
  bool link;
};

class ForeignTest : public AttachTest, public ::testing::WithParamInterface<Foreign> {
 protected:
  // take_all stands for anybody's program.
  void attach_foreign() {
    const auto [name, mode, link] = GetParam();
    if (link) {
      ASSERT_TRUE(foreign_.attach(Filter::kUserspace, testing::VethWire::kInterface, wire_.index(), mode));
      return;
    }
    const __u32 flags = mode == AttachMode::kNative ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
    ASSERT_EQ(bpf_xdp_attach(static_cast<int>(wire_.index()), foreign_.program_fd(Filter::kUserspace), flags,
                             nullptr),
              0);
  }

  ReceiverProgram foreign_ = load();
};

INSTANTIATE_TEST_SUITE_P(Slots, ForeignTest,
                         ::testing::Values(Foreign{"native_link", AttachMode::kNative, true},
                                           Foreign{"generic_link", AttachMode::kGeneric, true},
                                           Foreign{"native_netlink", AttachMode::kNative, false},
                                           Foreign{"generic_netlink", AttachMode::kGeneric, false}),
                         [](const auto& info) { return info.param.name; });

TEST_P(ForeignTest, IsNamedWithIdModeAndHolderAndLeftThere) {
  attach_foreign();
  const std::vector<XdpHolder> before = holders();
  ASSERT_EQ(before.size(), 1U);
  EXPECT_EQ(before[0].program_name, "take_all");
  EXPECT_EQ(before[0].link_id != 0, GetParam().link);

  ReceiverProgram ours = load();
  for (const AttachMode mode : {AttachMode::kNative, AttachMode::kGeneric}) {
    const Status refused = attach(ours, mode);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, mode == GetParam().mode ? EBUSY : EEXIST) << refused.error().message();
    const std::string& fix = refused.error().fix;
    const std::string program =
        fmt::format("program take_all (id {}, {}", before[0].program_id, to_string(GetParam().mode));
    EXPECT_NE(fix.find(program), std::string::npos) << fix;
    EXPECT_NE(fix.find(GetParam().link ? "bpftool link detach id " + std::to_string(before[0].link_id)
                                       : "ip link set dev pxa xdp"),
              std::string::npos)
        << fix;
  }
  EXPECT_EQ(holders(), before);
}

// What the message says to do works, as it stands there.
TEST_P(ForeignTest, LeavesByTheCommandOfTheMessage) {
  attach_foreign();
  ReceiverProgram ours = load();
  const Status refused = attach(ours, AttachMode::kNative);
  ASSERT_FALSE(refused);
  const std::string& fix = refused.error().fix;
  const std::size_t begin = fix.find('`') + 1;
  testing::VethWire::run(fix.substr(begin, fix.find('`', begin) - begin));
  EXPECT_TRUE(attach(ours, AttachMode::kNative));
}

TEST_F(AttachTest, SaysWhatToDoAboutAnMtuTooLarge) {
  testing::VethWire::run("ip link set dev pxa mtu 9000 && ip link set dev pxb mtu 9000");
  ReceiverProgram program = load();
  const Status refused = attach(program, AttachMode::kNative);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().fix.find("mtu"), std::string::npos) << refused.error().message();
}

}  // namespace
}  // namespace penstock
