// Which drivers' zero-copy AF_XDP is trusted: a table that may only allow. What is not in it gets copies,
// unless the configuration forces zero-copy.
//
// Thread safety: pure functions over the machine's state.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace penstock {

struct ZeroCopyDriver {
  std::string_view driver;  // as `ethtool -i` names it
  bool allowed;
  std::string_view reason;  // for a reader, with its source
  bool has_none = false;    // so that there is nothing to force

  // What the driver may well have, the table does not allow.
  bool held_back() const { return !allowed && !has_none; }
};

std::span<const ZeroCopyDriver> zero_copy_drivers();

// What the table says of a driver; a driver that it does not know is not allowed, with that reason.
ZeroCopyDriver zero_copy_of_driver(std::string_view driver);

// The interface's driver by ETHTOOL_GDRVINFO, in the calling thread's network namespace; nothing when it
// cannot say.
std::optional<std::string> driver_of(const std::string& interface);

}  // namespace penstock
