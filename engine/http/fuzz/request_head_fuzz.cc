// Any bytes as the head of a request, in pieces of any size: the server asks after each piece, and must come
// to the same verdict as if all had come at once.
#include <algorithm>
#include <string_view>

#include "engine/base/check.h"
#include "engine/http/request_head.h"
#include "engine/testing/fuzz.h"

namespace {

bool is_status(int status) {
  return status == 0 || status == 200 || status == 400 || status == 405 || status == 431 || status == 505;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data),
                               std::min(size, penstock::kMaxRequestHead));
  const penstock::RequestHead whole = penstock::parse_request_head(bytes);
  PENSTOCK_CHECK(is_status(whole.status));
  PENSTOCK_CHECK((whole.status == 200) == whole.path.starts_with('/'));
  int first = 0;
  for (std::size_t length = 0; length <= bytes.size() && first == 0; ++length)
    first = penstock::parse_request_head(bytes.substr(0, length)).status;
  PENSTOCK_CHECK(first == whole.status);
  return 0;
}

namespace penstock {

std::vector<std::vector<std::byte>> fuzz_seeds() {
  std::vector<std::vector<std::byte>> seeds;
  for (const std::string_view text :
       {"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9184\r\nAccept: */*\r\n\r\n", "HEAD /readyz?x HTTP/1.0\n\n",
        "POST /metrics HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n", "GET /metrics\r\n"}) {
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    seeds.emplace_back(first, first + text.size());
  }
  return seeds;
}

}  // namespace penstock
