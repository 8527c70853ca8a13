// ethtool requests (SIOCETHTOOL): one of the structures of linux/ethtool.h with its cmd set.
//
// Thread safety: that of the kernel.
#pragma once

#include <functional>
#include <string>

#include "engine/base/result.h"

namespace penstock {

// On an interface of the calling thread's network namespace. Returns 0, or the errno: ENODEV for no such
// interface, EOPNOTSUPP for what its driver does not know.
int ethtool(const std::string& interface, void* request);
// The same in the namespace that `socket`, any, was made in.
int ethtool_by(int socket, const std::string& interface, void* request);

// What takes requests for one interface, or a test's device. `name` is for the error.
using EthtoolCall = std::function<Status(void* request, const std::string& name)>;

// ethtool() on `interface`.
EthtoolCall ethtool_call(std::string interface);

}  // namespace penstock
