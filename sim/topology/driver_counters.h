// Which of a driver's counters are which of ours: one row a driver, the source of each name beside it
// (driver_counters.cc). docs/lab.md has the table for readers.
//
// Thread safety: pure functions.
#pragma once

#include <linux/if_link.h>

#include <span>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "sim/topology/driver_statistics.h"
#include "sim/topology/port_counters.h"

namespace penstock {

// One of ours, and what an account misses that does without it.
struct CountOfDriver {
  Count PortCounters::*field;
  std::string_view name;
  std::string_view meaning;
};
std::span<const CountOfDriver> counts_of_drivers();

// Fills every count of counts_of_drivers() from what the driver and the kernel count; unknown are those that
// the driver's row does not have, those of which a name is not there, and all of a driver without a row.
void add_driver_counters(std::string_view driver, std::span<const DriverStatistic> statistics,
                         const rtnl_link_stats64& link, PortCounters& counters);

// How late the driver's counters may be.
Nanoseconds settling_of(std::string_view driver);

// Those with a row.
std::vector<std::string_view> known_drivers();

}  // namespace penstock
