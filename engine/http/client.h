// One GET of a page that a local HTTP server has: what `penstock monitor` asks `penstock run` with.
//
// Thread safety: a function; blocks for at most its patience.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/http/listen_address.h"

namespace penstock {

struct HttpPage {
  int status = 0;
  std::string body{};
};

inline constexpr std::size_t kMaxHttpPage = std::size_t{4} << 20;

// Errors: nobody there, no answer within `patience` (ETIMEDOUT), one that is not HTTP or longer than
// kMaxHttpPage (EBADMSG). A status other than 200 is no error.
Result<HttpPage> http_get(const ListenAddress& server, std::string_view path, Nanoseconds patience);

}  // namespace penstock
