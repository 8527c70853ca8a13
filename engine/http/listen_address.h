// Where a server listens, as a configuration writes it: "127.0.0.1:9184" or "[::1]:9184". Numbers only, so
// that nothing is looked up in the DNS.
//
// Thread safety: values.
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace penstock {

struct ListenAddress {
  sockaddr_storage address{};  // an AF_INET or AF_INET6 one
  socklen_t length = 0;

  // Errors: which part is not as it must be. Port 0: the kernel chooses.
  static Result<ListenAddress> parse(std::string_view text);
  // As parse() takes it.
  std::string to_string() const;
};

}  // namespace penstock
