// The veth topology as the kernel shows it. Needs root.
#include "sim/topology/veth.h"

#include <errno.h>
#include <sys/socket.h>

#include <string>

#include <gtest/gtest.h>

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

TEST(VethTopology, TakesOtherNamesAddressesAndOffloads) {
  VethConfig config;
  config.sender = {"a", *MacAddress::parse("02:aa:00:00:00:01"), {{10, 1, 0, 1}}, {.tx_checksum = true}};
  config.receiver = {"b", *MacAddress::parse("02:aa:00:00:00:02"), {{10, 1, 0, 2}}, {.gro = true}};
  const VethTopology topology = make(config);
  EXPECT_EQ(link_of(topology.receiver()).mac, config.receiver.mac);
  EXPECT_EQ(*read_offloads(topology.sender().ns, "a"), Offloads{.tx_checksum = true});
  EXPECT_EQ(*read_offloads(topology.receiver().ns, "b"), Offloads{.gro = true});
}

}  // namespace
}  // namespace penstock
