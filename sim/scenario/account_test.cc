// Sums, and how an open account reads.
#include "sim/scenario/account.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Account, ClosesWhenTheSumsAreEqual) {
  const Account account("program", {{"offered", 10}},
                        {{"xdp_pass{port}", 3}, {"ring_drop", 0}, {"xdp_redirect", 7}});
  EXPECT_EQ(account.closed(), true);
  EXPECT_EQ(account.to_string(), "offered 10 = xdp_pass{port} 3 + xdp_redirect 7");
}

TEST(Account, SaysByHowMuchItIsOpen) {
  const Account account("socket", {{"xdp_redirect", 7}}, {{"rx_descriptors", 5}});
  EXPECT_EQ(account.closed(), false);
  EXPECT_EQ(account.to_string(), "xdp_redirect 7 = rx_descriptors 5: open, the left side has 2 more");
  EXPECT_EQ(Account("a", {{"x", 1}}, {{"y", 4}}).to_string(), "x 1 = y 4: open, the right side has 3 more");
}

TEST(Account, WithAnUnknownTermIsUndecidedHoweverItsOthersAddUp) {
  const Account account(
      "program", {{"offered", 7}},
      {{"nic_drop", Count::unknown("nic_drop of driver ena: no counter")}, {"xdp_redirect", 7}});
  EXPECT_EQ(account.closed(), std::nullopt);
  EXPECT_EQ(account.to_string(),
            "offered 7 = nic_drop unknown + xdp_redirect 7: not checked, nic_drop of driver ena: no counter");
}

TEST(Account, OfNothingNamesItsFirstTerms) {
  const Account account("a", {{"offered", 0}}, {{"ring_drop", 0}, {"xdp_redirect", 0}});
  EXPECT_EQ(account.closed(), true);
  EXPECT_EQ(account.to_string(), "offered 0 = ring_drop 0");
}

}  // namespace
}  // namespace penstock
