// Addresses: text in both directions, byte order, and what must be refused.
#include "engine/packet/address.h"

#include <string_view>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(MacAddress, ReadsAndWritesItsText) {
  const Result<MacAddress> mac = MacAddress::parse("02:00:aB:Cd:0e:ff");
  ASSERT_TRUE(mac) << mac.error().message();
  EXPECT_EQ(mac->bytes, (std::array<std::uint8_t, 6>{0x02, 0x00, 0xab, 0xcd, 0x0e, 0xff}));
  EXPECT_EQ(mac->to_string(), "02:00:ab:cd:0e:ff");
}

TEST(MacAddress, RefusesAllOtherTexts) {
  for (const std::string_view text :
       {"", "02:00:00:00:00", "02:00:00:00:00:0", "02:00:00:00:00:011", "02-00-00-00-00-01",
        "02:00:00:00:00:0g", "020000000001", " 2:00:00:00:00:01", "02:00:00:00:00.01"}) {
    EXPECT_FALSE(MacAddress::parse(text)) << text;
  }
  EXPECT_FALSE(MacAddress::parse(std::string_view("02:00:00:00:00:0\0", 17)));
}

TEST(Ipv4Address, ReadsAndWritesItsText) {
  const Result<Ipv4Address> address = Ipv4Address::parse("198.18.0.255");
  ASSERT_TRUE(address) << address.error().message();
  EXPECT_EQ(address->bytes, (std::array<std::uint8_t, 4>{198, 18, 0, 255}));
  EXPECT_EQ(address->to_string(), "198.18.0.255");
}

TEST(Ipv4Address, RefusesAllOtherTexts) {
  for (const std::string_view text :
       {"", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1 ", "10.1", "0x0a.0.0.1", "::1", "10.0.0.1."}) {
    EXPECT_FALSE(Ipv4Address::parse(text)) << text;
  }
  EXPECT_FALSE(Ipv4Address::parse(std::string_view("10.0.0.1\0.5", 11)));
}

TEST(Ipv6Address, ReadsAndWritesItsShortestText) {
  const Result<Ipv6Address> address = Ipv6Address::parse("2001:DB8:0:0::00a1");
  ASSERT_TRUE(address) << address.error().message();
  EXPECT_EQ(address->bytes[0], 0x20);
  EXPECT_EQ(address->bytes[3], 0xb8);
  EXPECT_EQ(address->bytes[15], 0xa1);
  EXPECT_EQ(address->to_string(), "2001:db8::a1");
  EXPECT_EQ(Ipv6Address{}.to_string(), "::");
}

TEST(Ipv6Address, RefusesAllOtherTexts) {
  for (const std::string_view text :
       {"", "10.0.0.1", "2001:db8", "fe80::1%eth0", "1::2::3", "12345::", "::1 "})
    EXPECT_FALSE(Ipv6Address::parse(text)) << text;
  EXPECT_FALSE(Ipv6Address::parse(std::string_view("::1\0x", 5)));
}

TEST(Ipv4Address, KnowsBothByteOrders) {
  const Ipv4Address address = Ipv4Address::from_host(0x0a000001);
  EXPECT_EQ(address.to_string(), "10.0.0.1");
  EXPECT_EQ(address.network(), 0x0100000au);  // as a little-endian load reads 0a 00 00 01
  EXPECT_EQ(Ipv4Address::from_network(0x0100000a), address);
}

TEST(Ipv4Address, OrdersAsNumbersDo) {
  EXPECT_LT(Ipv4Address::from_host(0x0a0000ff), Ipv4Address::from_host(0x0a000100));
}

TEST(Endpoint, PrintsThePortInHostOrder) {
  EXPECT_EQ((Endpoint{Ipv4Address::from_host(0x0a000001), 8003}).to_string(), "10.0.0.1:8003");
}

}  // namespace
}  // namespace penstock
