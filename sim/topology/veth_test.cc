// The veth topology as the kernel shows it. Needs root.
#include "sim/topology/veth.h"

#include <errno.h>
#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "engine/base/clock.h"
#include "sim/topology/iproute.h"
#include "sim/topology/link.h"
#include "sim/topology/subprocess.h"

namespace penstock {
namespace {

VethTopology make(const VethConfig& config) {
  auto topology = VethTopology::create(config);
  if (!topology) throw std::runtime_error(topology.error().message());
  return std::move(*topology);
}

LinkState link_of(const VethTopology::End& end) {
  const auto link = LinkReader::open(end.ns)->read(end.interface);
  if (!link) throw std::runtime_error(link.error().message());
  return *link;
}

TEST(VethTopology, HasWhatWasAskedFor) {
  VethConfig config;
  config.queues = 3;
  config.mtu = 2000;
  config.run = "abc";
  const VethTopology topology = make(config);
  for (const VethTopology::End* end : {&topology.sender(), &topology.receiver()}) {
    const LinkState link = link_of(*end);
    EXPECT_EQ(link.index, end->index);
    EXPECT_EQ(link.mac, end->mac);
    EXPECT_EQ(link.mtu, 2000u);
    EXPECT_EQ(link.rx_queues, 3u);
    EXPECT_EQ(link.tx_queues, 3u);
    EXPECT_EQ(link.alias, "penstock:abc");
    EXPECT_TRUE(link.ready);
    EXPECT_EQ(*read_offloads(end->ns, end->interface), Offloads{});
  }
}

// In 20 ms on two busy cores. Once of a hundred times suffices, since a machine may stand still meanwhile:
// one that waited for the carrier's second, as between interfaces of the same index, never does.
TEST(VethTopology, StandsWithinTensOfMilliseconds) {
  const MonotonicClock clock;
  Nanoseconds fastest = kSecond;
  for (int i = 0; i < 100 && fastest > 100 * kMillisecond; ++i) {
    const Nanoseconds begun = clock.now();
    make({});
    fastest = std::min(fastest, clock.now() - begun);
  }
  EXPECT_LE(fastest, 100 * kMillisecond);
}

TEST(VethTopology, TakesOtherNamesAddressesAndOffloads) {
  VethConfig config;
  config.sender = {"a", *MacAddress::parse("02:aa:00:00:00:01"), {{10, 1, 0, 1}}, {.tx_checksum = true}};
  config.receiver = {"b", *MacAddress::parse("02:aa:00:00:00:02"), {{10, 1, 0, 2}}, {.gro = true}};
  const VethTopology topology = make(config);
  EXPECT_EQ(link_of(topology.receiver()).mac, config.receiver.mac);
  EXPECT_EQ(*read_offloads(topology.sender().ns, "a"), Offloads{.tx_checksum = true});
  EXPECT_EQ(*read_offloads(topology.receiver().ns, "b"), Offloads{.gro = true});
}

TEST(VethTopology, CarriesDatagramsBetweenTheTwoStacks) {
  const VethTopology topology = make({});
  const auto bound = [](const VethTopology::End& end) {
    auto socket = end.ns.socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(8000);
    address.sin_addr.s_addr = end.address.network();
    EXPECT_EQ(bind(socket->get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    return std::pair(std::move(*socket), address);
  };
  const auto [sender, from] = bound(topology.sender());
  const auto [receiver, to] = bound(topology.receiver());
  const sockaddr* target = reinterpret_cast<const sockaddr*>(&to);
  ASSERT_EQ(sendto(sender.get(), "shred", 5, 0, target, sizeof(to)), 5);
  char got[16] = {};
  EXPECT_EQ(recv(receiver.get(), got, sizeof(got), 0), 5);
  EXPECT_STREQ(got, "shred");
}

TEST(VethTopology, AnswersToAnySourceGoBackThroughTheSender) {
  const VethTopology topology = make({});
  for (const char* source : {"198.18.0.1", "198.19.255.254", "203.0.113.9"}) {
    const auto route = check_program({.arguments = {"ip", "-json", "route", "get", source},
                                      .network_namespace = topology.receiver().ns.fd()});
    ASSERT_TRUE(route) << route.error().message();
    EXPECT_NE(route->find(R"("gateway":"192.0.2.1","dev":"pen-receiver")"), std::string::npos) << *route;
  }
}

TEST(VethTopology, TwoAtOnceDoNotMeet) {
  const VethTopology one = make({});
  const VethTopology other = make({});
  ASSERT_TRUE(ip_batch(one.receiver().ns, {"link set dev pen-receiver down"}));
  EXPECT_FALSE(link_of(one.sender()).ready);
  EXPECT_TRUE(link_of(other.sender()).ready);
}

TEST(VethTopology, NamesTheCommandThatFailedAndWhatItSaid) {
  VethConfig config;
  config.receiver.interface = "a-name-that-is-too-long";
  const auto topology = VethTopology::create(config);
  ASSERT_FALSE(topology);
  const std::string& what = topology.error().what;
  EXPECT_NE(what.find("link add name pen-sender"), std::string::npos) << what;
  EXPECT_NE(what.find("not a valid ifname"), std::string::npos) << what;
}

TEST(VethTopology, NamesAnOffloadThatDoesNotTake) {
  VethConfig config;
  config.sender.offloads = {.tx_checksum = false, .segmentation = true};
  const auto topology = VethTopology::create(config);
  ASSERT_FALSE(topology);
  EXPECT_NE(topology.error().message().find("needs tx_checksum"), std::string::npos)
      << topology.error().message();
}

TEST(WaitUntilReady, TimesOutOnALinkWithoutPeer) {
  const VethTopology topology = make({});
  ASSERT_TRUE(ip_batch(topology.receiver().ns, {"link set dev pen-receiver down"}));
  const Status ready = wait_until_ready(topology.sender().ns, "pen-sender", 20 * kMillisecond);
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().code, ETIMEDOUT);
  ASSERT_TRUE(ip_batch(topology.receiver().ns, {"link set dev pen-receiver up"}));
  EXPECT_TRUE(wait_until_ready(topology.sender().ns, "pen-sender", 5 * kSecond));
}

TEST(LinkReader, TellsOfAnInterfaceThatIsNotThere) {
  const auto ns = NetNamespace::create();
  const auto link = LinkReader::open(*ns)->read("nothing");
  ASSERT_FALSE(link);
  EXPECT_EQ(link.error().code, ENODEV);
}

TEST(IpBatch, StopsAtTheFirstLineThatFails) {
  const auto ns = NetNamespace::create();
  const Status failed =
      ip_batch(*ns, {"link set dev lo mtu 4000", "link set dev nothing up", "link set dev lo mtu 5000"});
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().what.find("ip link set dev nothing up: exit status 1"), std::string::npos)
      << failed.error().message();
  EXPECT_NE(failed.error().what.find("Cannot find device"), std::string::npos) << failed.error().message();
  EXPECT_EQ(LinkReader::open(*ns)->read("lo")->mtu, 4000u);
}

}  // namespace
}  // namespace penstock
