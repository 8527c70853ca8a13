// The head of an HTTP/1 request, read as far as a server of a few fixed pages needs it: which page, and
// whether its body is wanted. Everything behind the first line is looked at only for where it ends.
//
// Input is hostile: any bytes, in any pieces. What can be refused is refused by the first line, before the
// rest of the head has come.
//
// Thread safety: a pure function.
#pragma once

#include <cstddef>
#include <string_view>

namespace penstock {

// Longest head that is waited for.
inline constexpr std::size_t kMaxRequestHead = 4096;

struct RequestHead {
  // 0: more is needed; 200: whole and good; else the status to refuse it with: 400 (not HTTP), 405 (neither
  // GET nor HEAD), 431 (longer than kMaxRequestHead), 505 (not HTTP/1).
  int status = 0;
  std::string_view path{};  // points into the bytes, without the query; of a good one only
  bool wants_body = true;   // false: HEAD
};

// `bytes`: all that came so far.
RequestHead parse_request_head(std::string_view bytes);

}  // namespace penstock
