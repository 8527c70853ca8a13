// Places stay with their ports.
#include "engine/receive/port_list.h"

#include <numeric>

#include <gtest/gtest.h>

namespace penstock {
namespace {

using Ports = std::vector<std::uint16_t>;

TEST(PortList, APortKeepsItsPlaceWhileOthersComeAndGo) {
  PortList list = *PortList::create(Ports{8003, 8007, 8001});
  list.remove(8007);
  EXPECT_EQ(list.place_of(8003), 0);
  EXPECT_EQ(list.place_of(8001), 2);
  EXPECT_FALSE(list.contains(8007));
  EXPECT_EQ(list.ports(), (Ports{8003, 8001}));
  EXPECT_EQ(list.places()[0], 0);
  EXPECT_EQ(list.places()[1], 2);
  EXPECT_EQ(list.names(), (Ports{8003, 8007, 8001})) << "what it counted keeps its name";
}

TEST(PortList, ANewPortGetsAnUnusedPlaceAndAnOldOneItsOwn) {
  PortList list = *PortList::create(Ports{8003, 8007});
  list.remove(8007);
  ASSERT_TRUE(list.add(9000));
  EXPECT_EQ(list.place_of(9000), 2);
  ASSERT_TRUE(list.add(8007));
  EXPECT_EQ(list.place_of(8007), 1);
}

TEST(PortList, ReusesPlacesOnlyWhenNoneIsLeft) {
  Ports ports(kMaxPorts);
  std::iota(ports.begin(), ports.end(), std::uint16_t{8000});
  PortList list = *PortList::create(ports);
  EXPECT_FALSE(list.add(9000)) << "full";
  list.remove(8003);
  ASSERT_TRUE(list.add(9000));
  EXPECT_EQ(list.place_of(9000), 3);
  EXPECT_FALSE(list.add(8003)) << "full again";
}

TEST(PortList, RefusesWhatCannotBeListed) {
  EXPECT_FALSE(PortList::create(Ports{}));
  EXPECT_FALSE(PortList::create(Ports{0}));
  EXPECT_FALSE(PortList::create(Ports{8003, 8003}));
  EXPECT_FALSE(PortList::create(Ports(kMaxPorts + 1, 1)));
  PortList list = *PortList::create(Ports{8003});
  EXPECT_FALSE(list.add(8003));
  EXPECT_FALSE(list.add(0));
  EXPECT_EQ(list.ports(), Ports{8003});
}

TEST(PortList, OneListGivesWayToAnotherByBoth) {
  const PortList one = *PortList::create(std::vector<std::uint16_t>{1, 2, 3});
  const Result<PortList> joint = one.joined_with(std::vector<std::uint16_t>{4, 2});
  ASSERT_TRUE(joint);
  EXPECT_EQ(joint->ports(), (std::vector<std::uint16_t>{1, 2, 3, 4}));
  const PortList other = joint->only(std::vector<std::uint16_t>{4, 2, 9});
  EXPECT_EQ(other.ports(), (std::vector<std::uint16_t>{2, 4}));
  EXPECT_EQ(other.place_of(4), 3);
  EXPECT_EQ(other.names(), (std::vector<std::uint16_t>{1, 2, 3, 4}));
  EXPECT_FALSE(one.joined_with({}));
  EXPECT_FALSE(one.joined_with(std::vector<std::uint16_t>{4, 4}));
  std::vector<std::uint16_t> too_many(kMaxPorts);
  std::iota(too_many.begin(), too_many.end(), std::uint16_t{100});
  EXPECT_FALSE(one.joined_with(too_many));
}

}  // namespace
}  // namespace penstock
