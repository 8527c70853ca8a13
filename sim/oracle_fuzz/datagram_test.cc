// Datagrams as values: text, and what two multisets differ by.
#include "sim/oracle_fuzz/datagram.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

Datagram datagram(int tag) {
  const std::byte payload[] = {static_cast<std::byte>(tag), std::byte{0xff}};
  return make_datagram({{{192, 0, 2, 1}}, 8001}, {{{192, 0, 2, 2}}, 8003}, payload);
}

TEST(Datagram, ShowsEndpointsLengthAndTheFirstBytes) {
  EXPECT_EQ(datagram(1).to_string(), "192.0.2.1:8001 > 192.0.2.2:8003, 2 bytes 01ff");
  EXPECT_TRUE(datagram(1).is_ipv4());
  Datagram ipv6 = datagram(1);
  ipv6.source = ipv6.destination = *Ipv6Address::parse("2001:db8::2");
  ipv6.payload.assign(17, std::byte{0xab});
  EXPECT_FALSE(ipv6.is_ipv4());
  EXPECT_EQ(ipv6.to_string(), "[2001:db8::2]:8001 > [2001:db8::2]:8003, 17 bytes " +
                                  std::string("abababababababababababababababab") + "...");
}

TEST(Datagram, DifferenceCountsEveryCopy) {
  const MultisetDifference same = difference({datagram(1), datagram(2)}, {datagram(2), datagram(1)});
  EXPECT_TRUE(same.empty());
  const MultisetDifference twice = difference({datagram(1), datagram(3)}, {datagram(1), datagram(1)});
  EXPECT_EQ(twice.missing, std::vector<Datagram>{datagram(3)});
  EXPECT_EQ(twice.extra, std::vector<Datagram>{datagram(1)});
}

}  // namespace
}  // namespace penstock
