// The name of a Unix socket as configurations and environments write it: an absolute path, or "@name" of the
// abstract namespace, which is no file and belongs to the network namespace.
//
// Thread safety: values.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string_view>

#include "engine/base/result.h"

namespace penstock {

struct UnixAddress {
  sockaddr_un address{};
  socklen_t length = 0;  // exact: an abstract name has no zero at its end, and a path may go without

  // Errors: what is wrong with the name, without the name; ENAMETOOLONG for one that sockaddr_un cannot hold.
  static Result<UnixAddress> parse(std::string_view name);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
  bool abstract() const { return address.sun_path[0] == '\0'; }
};

}  // namespace penstock
