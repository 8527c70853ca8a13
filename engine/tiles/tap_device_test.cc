// The TAP and its program on a veth pair: frames appear on the original interface as they were, past its
// native XDP program, and nothing stays behind. Needs root.
#include "engine/tiles/tap_device.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <array>
#include <cstdlib>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"

namespace penstock {
namespace {

using Frame = std::vector<std::byte>;

// What the stack sees inbound on an interface.
class Tap {
 public:
  explicit Tap(unsigned index) : fd_(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))) {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(index);
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  // The next inbound frame; empty when none comes for some time.
  Frame next() {
    for (;;) {
      pollfd polled{fd_.get(), POLLIN, 0};
      if (poll(&polled, 1, 500) <= 0) return {};
      Frame frame(4096);
      sockaddr_ll from{};
      socklen_t length = sizeof(from);
      const ssize_t bytes =
          recvfrom(fd_.get(), frame.data(), frame.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
      if (bytes < 0) return {};
      if (from.sll_pkttype == PACKET_OUTGOING) continue;
      frame.resize(static_cast<std::size_t>(bytes));
      return frame;
    }
  }

 private:
  UniqueFd fd_;
};

std::uint32_t newest_program() {
  std::uint32_t id = 0, newest = 0;
  while (bpf_prog_get_next_id(id, &id) == 0)
    newest = id;
  return newest;
}

bool program_exists(std::uint32_t id) {
  return static_cast<bool>(UniqueFd(bpf_prog_get_fd_by_id(id)));
}

// The kernel frees devices and programs some milliseconds later.
template <typename Condition>
bool eventually(Condition&& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    usleep(10'000);
  }
  return false;
}

class TapDeviceTest : public testing::Test {
 protected:
  void SetUp() override {
    // No IPv6 link-local address: its router solicitations would appear among our frames.
    ASSERT_EQ(
        std::system("ip link add name pra type veth peer name prb && "
                    "ip link set dev pra addrgenmode none up && ip link set dev prb addrgenmode none up"),
        0);
    index_ = if_nametoindex("pra");
  }
  void TearDown() override { ASSERT_EQ(std::system("ip link del dev pra"), 0); }

  TapDevice open() {
    auto tap = TapDevice::open(index_);
    EXPECT_TRUE(tap) << tap.error().message();
    return std::move(*tap);
  }

  unsigned index_ = 0;
};

TEST_F(TapDeviceTest, FramesAppearOnTheOriginalInterfaceAsTheyWere) {
  TapDevice tap = open();
  Tap seen(index_);
  int compared = 0;
  for (const FrameRow& row : frame_rows()) {
    // AF_PACKET shows a frame without its outer VLAN tag; sim's HostTap, which puts it back, covers those.
    if (row.frame.size() < 14 || row.frame.size() > 1792 || row.reason == PENSTOCK_VLAN) continue;
    ASSERT_EQ(tap.write(row.frame), 0) << row.name;
    EXPECT_TRUE(seen.next() == row.frame) << row.name;
    ++compared;
  }
  EXPECT_GT(compared, 20);
}

TEST_F(TapDeviceTest, RefusesWhatIsNoEthernetFrame) {
  TapDevice tap = open();
  const std::array<std::byte, 13> stump{};
  EXPECT_EQ(tap.write(stump), EINVAL);
  EXPECT_EQ(tap.write({}), EINVAL);
}

TEST_F(TapDeviceTest, SaysWhenTheTapWasTakenDown) {
  TapDevice tap = open();
  ASSERT_EQ(std::system(("ip link set dev " + tap.name() + " down").c_str()), 0);
  EXPECT_EQ(tap.write(taken_frame(100)), EIO);
  EXPECT_FALSE(tap.usable());
  ASSERT_EQ(
      std::system(("ip link set dev " + tap.name() + " name other && ip link set dev other up").c_str()), 0);
  EXPECT_TRUE(tap.usable()) << "by whatever name";
  EXPECT_EQ(tap.write(taken_frame(100)), 0);
}

TEST_F(TapDeviceTest, SaysWhenTheTapWasDeleted) {
  TapDevice tap = open();
  EXPECT_TRUE(tap.usable());
  ASSERT_EQ(std::system(("ip link del dev " + tap.name()).c_str()), 0);
  EXPECT_EQ(tap.write(taken_frame(100)), EBADFD);
  EXPECT_FALSE(tap.usable());
}

TEST_F(TapDeviceTest, TheHostsStackAnswersAFrameThatCameThisWay) {
  ASSERT_EQ(std::system("ip addr add 10.1.0.2/24 dev pra && ip link set dev pra address 02:00:00:00:00:02"),
            0);
  TapDevice tap = open();
  Tap answers(if_nametoindex("prb"));
  // ARP: who has 10.1.0.2, tell 10.1.0.1.
  Frame arp(42);
  const std::array<std::uint8_t, 42> bytes = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0,  1, 8, 6,
                                              0,    1,    8,    0,    6,    4,    0, 1, 2, 0, 0,  0, 0, 1,
                                              10,   1,    0,    1,    0,    0,    0, 0, 0, 0, 10, 1, 0, 2};
  for (std::size_t i = 0; i < arp.size(); ++i)
    arp[i] = std::byte{bytes[i]};
  ASSERT_EQ(tap.write(arp), 0);
  for (Frame answer = answers.next(); !answer.empty(); answer = answers.next()) {
    if (answer.size() >= 42 && answer[12] == std::byte{8} && answer[13] == std::byte{6} &&
        answer[21] == std::byte{2})
      return;  // an ARP reply
  }
  FAIL() << "no ARP reply";
}

TEST_F(TapDeviceTest, IsGoneWithItsOwnerAndSoIsItsProgram) {
  const std::uint32_t before = newest_program();
  unsigned index = 0;
  {
    const TapDevice tap = open();
    index = tap.index();
    EXPECT_TRUE(eventually([&] { return newest_program() > before; }));
  }
  std::array<char, IF_NAMESIZE> name{};
  EXPECT_TRUE(eventually([&] { return if_indextoname(index, name.data()) == nullptr; }));
  EXPECT_TRUE(eventually([&] { return newest_program() <= before; }));
}

TEST_F(TapDeviceTest, IsGoneAfterKillMinusNine) {
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto tap = TapDevice::open(index_);
    const std::array<std::uint32_t, 2> told = {tap ? tap->index() : 0, newest_program()};
    if (write(ready[1], told.data(), sizeof(told)) != sizeof(told)) _exit(1);
    pause();
    _exit(0);
  }
  std::array<std::uint32_t, 2> told{};
  ASSERT_EQ(read(ready[0], told.data(), sizeof(told)), static_cast<ssize_t>(sizeof(told)));
  std::array<char, IF_NAMESIZE> name{};
  ASSERT_NE(told[0], 0u);
  EXPECT_NE(if_indextoname(told[0], name.data()), nullptr);
  EXPECT_TRUE(program_exists(told[1]));
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(eventually([&] { return if_indextoname(told[0], name.data()) == nullptr; }));
  EXPECT_TRUE(eventually([&] { return !program_exists(told[1]); }));
  close(ready[0]);
  close(ready[1]);
}

TEST_F(TapDeviceTest, TwoOfThemDoNotMeet) {
  const TapDevice first = open();
  const TapDevice second = open();
  EXPECT_NE(first.name(), second.name());
}

}  // namespace
}  // namespace penstock
