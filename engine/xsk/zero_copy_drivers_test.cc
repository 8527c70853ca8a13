// The table of drivers may only allow what it names.
#include "engine/xsk/zero_copy_drivers.h"

#include <set>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(ZeroCopyDrivers, AnUnknownDriverIsNotAllowedAndTheReasonIsGiven) {
  const ZeroCopyDriver row = zero_copy_of_driver("nosuch");
  EXPECT_FALSE(row.allowed);
  EXPECT_EQ(row.driver, "nosuch");
  EXPECT_FALSE(row.reason.empty());
}

TEST(ZeroCopyDrivers, EveryRowHasAReasonAndStandsOnce) {
  std::set<std::string_view> names;
  for (const ZeroCopyDriver& row : zero_copy_drivers()) {
    EXPECT_TRUE(names.insert(row.driver).second) << row.driver;
    EXPECT_GT(row.reason.size(), 20u) << row.driver;
    EXPECT_EQ(zero_copy_of_driver(row.driver).allowed, row.allowed);
  }
  EXPECT_FALSE(zero_copy_of_driver("ice").allowed);
}

TEST(ZeroCopyDrivers, NoInterfaceNoDriver) {
  EXPECT_EQ(driver_of("nosuch0"), std::nullopt);
}

}  // namespace
}  // namespace penstock
