// The settings of an interface that are the kernel's own, not the driver's: its MAC, its MTU, whether it is
// up and whether it takes every frame. By the ioctls of netdevice(7), on a socket of the interface's
// namespace.
//
// Thread safety: pure functions over a socket.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace penstock {

// `setting`: "mac" ("02:00:00:00:00:01"), "mtu" ("1500"), "up" or "promiscuous" ("on", "off").
Result<std::string> read_link_setting(int socket, const std::string& interface, std::string_view setting);
// Reads back.
Status write_link_setting(int socket, const std::string& interface, std::string_view setting,
                          const std::string& value);

}  // namespace penstock
