// First line, then its end.
#include "engine/http/request_head.h"

#include <algorithm>

namespace penstock {
namespace {

bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

bool is_whole(std::string_view bytes) {
  return bytes.find("\r\n\r\n") != std::string_view::npos || bytes.find("\n\n") != std::string_view::npos;
}

// `line`: without its end.
RequestHead parse_first_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return {.status = 400};
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!version.starts_with("HTTP/")) return {.status = 400};
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return {.status = 505};
  if (method != "GET" && method != "HEAD") return {.status = 405};
  if (!target.starts_with('/') || target.find(' ') != std::string_view::npos) return {.status = 400};
  return {.status = 200, .path = target.substr(0, target.find('?')), .wants_body = method == "GET"};
}

}  // namespace

RequestHead parse_request_head(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  std::string_view line = bytes.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!std::all_of(line.begin(), line.end(), is_printable)) return {.status = 400};
  if (end == std::string_view::npos) return {.status = bytes.size() >= kMaxRequestHead ? 431 : 0};
  const RequestHead head = parse_first_line(line);
  if (head.status != 200 || is_whole(bytes)) return head;
  return {.status = bytes.size() >= kMaxRequestHead ? 431 : 0};
}

}  // namespace penstock
