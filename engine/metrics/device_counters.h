// What the kernel counts of one network interface, as `ip -s link` shows it: what reached the interface,
// whatever became of it. By rtnetlink (RTM_GETLINK, IFLA_STATS64), since /sys may show another network
// namespace.
//
// Which frames a driver counts while an XDP program runs is the driver's own choice; veth counts those that
// its NAPI took, redirected ones too.
//
// Thread safety: a function; of the calling thread's network namespace.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.h"

namespace penstock {

struct DeviceCounters {
  std::uint64_t rx_packets = 0;
  std::uint64_t rx_bytes = 0;
  std::uint64_t rx_dropped = 0;  // by driver or kernel, no error of the frame's; veth: a redirect refused
  std::uint64_t rx_missed = 0;   // for which the NIC had no descriptor
  std::uint64_t rx_errors = 0;   // bad ones: checksum of the link, length

  DeviceCounters& operator+=(const DeviceCounters& other);
};

// Errors: no such interface, or what kept netlink from answering.
Result<DeviceCounters> read_device_counters(const std::string& interface);

}  // namespace penstock
