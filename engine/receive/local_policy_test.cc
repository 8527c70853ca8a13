// The policy as the kernel changes it, in a namespace of its own.
#include "engine/receive/local_policy.h"

#include <net/if.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace penstock {
namespace {

void run(const std::string& command) {
  ASSERT_EQ(::system(command.c_str()), 0) << command;
}

Ipv4Address address(const char* text) {
  return *Ipv4Address::parse(text);
}

class LocalPolicyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    run("ip link add pen0 address 02:00:00:00:00:02 type veth peer name pen1");
    run("ip link set pen0 addrgenmode none up && ip link set pen1 addrgenmode none up");
  }
  void TearDown() override {
    run("ip link del pen0");
    run("ip address flush dev lo to 10.0.0.0/8");
  }
  static LocalPolicyWatch open(bool ipv6 = false) {
    Result<LocalPolicyWatch> watch = LocalPolicyWatch::open(if_nametoindex("pen0"), ipv6);
    EXPECT_TRUE(watch) << watch.error().message();
    return std::move(*watch);
  }
  // What a poll finds when all is quiet again.
  bool settle(LocalPolicyWatch& watch) {
    EXPECT_FALSE(*watch.poll(now_)) << "nothing is read before it is quiet";
    now_ += LocalPolicyWatch::kQuiet;
    return *watch.poll(now_);
  }

  // IPv6: the kernel makes the route of an address in a worker of its own, at some time.
  bool settle_at(LocalPolicyWatch& watch, const std::vector<Ipv6Address>& wanted) {
    for (int i = 0; i < 1000 && watch.current().ipv6_addresses != wanted; ++i) {
      usleep(10'000);
      now_ += LocalPolicyWatch::kQuiet;
      EXPECT_TRUE(watch.poll(now_).has_value());
    }
    return watch.current().ipv6_addresses == wanted;
  }

  Nanoseconds now_ = kSecond;
};

TEST_F(LocalPolicyTest, WithoutAddressesNothingIsLocal) {
  const LocalPolicyWatch watch = open();
  EXPECT_EQ(watch.current().mac, MacAddress::parse("02:00:00:00:00:02").value());
  EXPECT_EQ(watch.current().addresses, std::vector<Ipv4Address>{Ipv4Address{}})
      << "0.0.0.0 is never a destination; an empty list would switch the check off";
}

TEST_F(LocalPolicyTest, HoldsAddressesOfEveryInterfaceItsOwnFirstAndNoLoopback) {
  run("ip address add 10.9.9.9/32 dev lo");
  run("ip address add 10.0.0.7/24 dev pen1");
  run("ip address add 10.5.0.2/24 dev pen0");
  const LocalPolicyWatch watch = open();
  EXPECT_EQ(watch.current().addresses,
            (std::vector<Ipv4Address>{address("10.5.0.2"), address("10.0.0.7"), address("10.9.9.9")}));
  EXPECT_EQ(watch.current().left_out, 0u);
}

TEST_F(LocalPolicyTest, HoldsFarMoreThanTheFourThatCostNothing) {
  run("for i in $(seq 100); do echo address add 10.9.0.$i/32 dev lo; done | ip -batch -");
  run("ip address add 10.200.0.5/32 dev pen0");
  LocalPolicyWatch watch = open();
  ASSERT_EQ(watch.current().addresses.size(), 101u);
  EXPECT_EQ(watch.current().addresses[0], address("10.200.0.5")) << "the interface's own costs nothing";
  EXPECT_EQ(watch.current().addresses[100], address("10.9.0.100"));
  EXPECT_EQ(watch.current().left_out, 0u);
  run("ip address del 10.9.0.50/32 dev lo");
  EXPECT_TRUE(settle(watch));
  EXPECT_EQ(watch.current().addresses.size(), 100u);
}

TEST_F(LocalPolicyTest, LeavesOutWhatTheClassifierCannotHoldAndSaysSo) {
  constexpr std::size_t kRoom = PENSTOCK_INLINE_ADDRESSES + LocalPolicyWatch::kMostListed;
  run("for i in $(seq 5); do for j in $(seq 250); do echo address add 10.$i.0.$j/32 dev lo; done; done"
      " | ip -batch -");
  run("ip address add 10.200.0.5/32 dev pen0 && ip address add 2001:db8::2/64 dev pen0 nodad");
  run("ip link set pen0 up && ip link set pen1 up");
  run("for i in $(seq 1000); do ip -6 route show table local | grep -q 2001:db8::2 && exit 0; sleep 0.01; "
      "done; exit 1");
  const LocalPolicyWatch watch = open(true);
  ASSERT_EQ(watch.current().addresses.size(), kRoom);
  EXPECT_EQ(watch.current().addresses[0], address("10.200.0.5")) << "the interface's own is in in any case";
  EXPECT_TRUE(watch.current().ipv6_addresses.empty());
  EXPECT_EQ(watch.current().left_out, 1251 + 1 - kRoom);
}

TEST_F(LocalPolicyTest, HoldsIpv6AddressesWhenAskedForAndOfLinkLocalOnesItsOwn) {
  run("ip link set pen0 up && ip link set pen1 up");
  run("ip address add 2001:db8::7/64 dev pen1 nodad && ip address add fe80::7/64 dev pen1 nodad");
  run("ip address add 2001:db8::2/64 dev pen0 nodad && ip address add fe80::2/64 dev pen0 nodad");
  run("ip address add 2001:db8:9::9/128 dev lo");
  LocalPolicyWatch watch = open(true);
  std::vector<Ipv6Address> wanted;
  for (const char* each : {"2001:db8::2", "fe80::2", "2001:db8::7", "2001:db8:9::9"})
    wanted.push_back(*Ipv6Address::parse(each));
  EXPECT_TRUE(settle_at(watch, wanted)) << ::testing::PrintToString(watch.current().ipv6_addresses);
  EXPECT_TRUE(open().current().ipv6_addresses.empty()) << "not asked for";
  run("ip address del 2001:db8:9::9/128 dev lo");
}

TEST_F(LocalPolicyTest, FollowsIpv6AddressesThatComeAndGo) {
  run("ip link set pen0 up && ip link set pen1 up");
  LocalPolicyWatch watch = open(true);
  EXPECT_TRUE(watch.current().ipv6_addresses.empty());
  run("ip address add 2001:db8::2/64 dev pen0 nodad");
  EXPECT_TRUE(settle_at(watch, {*Ipv6Address::parse("2001:db8::2")}));
  run("ip address del 2001:db8::2/64 dev pen0");
  EXPECT_TRUE(settle_at(watch, {}));
}

TEST_F(LocalPolicyTest, FollowsAddressesThatComeAndGo) {
  LocalPolicyWatch watch = open();
  EXPECT_FALSE(*watch.poll(now_)) << "nothing happened";
  run("ip address add 10.5.0.2/24 dev pen0");
  EXPECT_TRUE(settle(watch));
  EXPECT_EQ(watch.current().addresses, std::vector{address("10.5.0.2")});
  EXPECT_FALSE(*watch.poll(now_ += kSecond));
  run("ip address add 10.9.9.9/32 dev lo");
  EXPECT_TRUE(settle(watch));
  EXPECT_EQ(watch.current().addresses.size(), 2u);
  run("ip address del 10.5.0.2/24 dev pen0");
  EXPECT_TRUE(settle(watch));
  EXPECT_EQ(watch.current().addresses, std::vector{address("10.9.9.9")});
}

TEST_F(LocalPolicyTest, FollowsTheMacAddressAndLocalRoutes) {
  LocalPolicyWatch watch = open();
  run("ip link set pen0 address 02:00:00:00:00:77");
  EXPECT_TRUE(settle(watch));
  EXPECT_EQ(watch.current().mac, MacAddress::parse("02:00:00:00:00:77").value());
  run("ip route add local 10.7.7.7/32 dev lo table local");
  EXPECT_TRUE(settle(watch));
  EXPECT_EQ(watch.current().addresses, std::vector{address("10.7.7.7")});
  run("ip route add local 10.8.0.0/16 dev lo table local");
  EXPECT_FALSE(settle(watch)) << "a range is left to the companion socket";
  run("ip route del local 10.7.7.7/32 dev lo table local");
  EXPECT_TRUE(settle(watch));
  run("ip route del local 10.8.0.0/16 dev lo table local");
}

TEST_F(LocalPolicyTest, AStreamOfEventsIsReadAtLastAndAllTheSame) {
  LocalPolicyWatch watch = open();
  run("ip address add 10.5.0.2/24 dev pen0");
  const Nanoseconds start = now_;
  bool changed = false;
  while (!changed && now_ <= start + 2 * LocalPolicyWatch::kLongest) {
    changed = *watch.poll(now_);
    now_ += LocalPolicyWatch::kQuiet / 2;
    run("ip link set pen1 alias x" + std::to_string(now_));  // never quiet
  }
  EXPECT_TRUE(changed);
  EXPECT_LE(now_ - start, LocalPolicyWatch::kLongest + LocalPolicyWatch::kQuiet);
}

TEST_F(LocalPolicyTest, AnOverflowOfTheEventQueueIsReadAnew) {
  LocalPolicyWatch watch = open();
  const int small = 4096;
  ASSERT_EQ(setsockopt(watch.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
  run("for i in $(seq 60); do ip link set pen1 alias x$i; done; ip address add 10.5.0.2/24 dev pen0");
  EXPECT_TRUE(settle(watch));
  EXPECT_EQ(watch.current().addresses, std::vector{address("10.5.0.2")});
}

TEST_F(LocalPolicyTest, AnInterfaceThatIsNotThereIsAnError) {
  EXPECT_FALSE(LocalPolicyWatch::open(4'000'000));
}

}  // namespace
}  // namespace penstock
