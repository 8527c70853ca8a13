// One ethtool request (SIOCETHTOOL) on an interface of the calling thread's network namespace.
#pragma once

#include <string>

namespace penstock {

// `request` is one of the structures of linux/ethtool.h with its cmd set. Returns 0, or the errno: ENODEV for
// no such interface, EOPNOTSUPP for what its driver does not know. Thread safety: that of the kernel.
int ethtool(const std::string& interface, void* request);

}  // namespace penstock
