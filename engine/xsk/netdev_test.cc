// What the kernel says of veth and lo, in a namespace of its own. A kernel that does not know the question is
// no failure of ours: then the answer must be that nothing is known.
#include "engine/xsk/netdev.h"

#include <net/if.h>
#include <stdlib.h>

#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "engine/xsk/socket.h"
#include "engine/xsk/umem.h"

namespace penstock {
namespace {

class NetdevTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::system("ip link add pen0 numrxqueues 2 numtxqueues 2 type veth peer name pen1 numrxqueues 2 "
                       "numtxqueues 2 && ip link set pen0 addrgenmode none up && "
                       "ip link set pen1 addrgenmode none up"),
              0);
    veth_ = if_nametoindex("pen1");
  }
  void TearDown() override { EXPECT_EQ(::system("ip link del pen0"), 0); }

  unsigned veth_ = 0;
};

TEST_F(NetdevTest, TellsWhichDriversHaveNativeXdp) {
  const auto veth = xdp_features_of(veth_);
  if (!veth) GTEST_SKIP() << "this kernel has no netdev family (Linux 6.3)";
  EXPECT_EQ(*veth, (XdpFeatures{.native = true, .zero_copy = false}));
  EXPECT_EQ(xdp_features_of(if_nametoindex("lo")), XdpFeatures{});
  EXPECT_EQ(xdp_features_of(12345), std::nullopt);
}

TEST_F(NetdevTest, TellsWhichQueuesHaveASocket) {
  const auto before = queues_with_af_xdp(veth_);
  if (!before) GTEST_SKIP() << "this kernel does not list queues (Linux 6.8)";
  EXPECT_TRUE(before->empty());
  Result<Umem> umem = Umem::create(64);
  ASSERT_TRUE(umem);
  std::array<std::uint32_t, 4> frames{0, 1, 2, 3};
  const auto socket = XskSocket::open(
      {.interface_index = veth_, .interface = "pen1", .queue = 1, .rx_entries = 4, .fill_entries = 8}, *umem,
      frames);
  ASSERT_TRUE(socket) << socket.error().message();
  EXPECT_EQ(queues_with_af_xdp(veth_), std::vector<std::uint32_t>{1});
  EXPECT_EQ(queues_with_af_xdp(12345).value_or(std::vector<std::uint32_t>{}), std::vector<std::uint32_t>{});
}

}  // namespace
}  // namespace penstock
