// Requests whole, in pieces, and bytes that are none.
#include "engine/http/request_head.h"

#include <string>

#include <gtest/gtest.h>

#include "engine/base/random.h"

namespace penstock {
namespace {

TEST(RequestHead, ReadsThePageAndWhetherItsBodyIsWanted) {
  const RequestHead get = parse_request_head("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(get.status, 200);
  EXPECT_EQ(get.path, "/metrics");
  EXPECT_TRUE(get.wants_body);
  const RequestHead head = parse_request_head("HEAD /readyz?verbose=1 HTTP/1.0\n\n");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.path, "/readyz");
  EXPECT_FALSE(head.wants_body);
}

TEST(RequestHead, WaitsForTheRestOfAGoodOneWhereverItIsCut) {
  const std::string whole = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_EQ(parse_request_head(whole.substr(0, length)).status, 0) << length;
}

TEST(RequestHead, RefusesEachMistakeByItsStatus) {
  const struct {
    const char* bytes;
    int status;
  } rows[] = {
      {"POST /metrics HTTP/1.1\r\n", 405},
      {"GET /metrics HTTP/2.0\r\n", 505},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"GET /metrics\r\n\r\n", 400},  // HTTP/0.9
      {"GET  HTTP/1.1\r\n", 400},
      {"GET metrics HTTP/1.1\r\n", 400},
      {"GET /a b HTTP/1.1\r\n", 400},
      {"GET /metrics FTP/1.1\r\n", 400},
      {"\r\n", 400},
      {"\x16\x03\x01\x02", 400},  // a TLS ClientHello, before its first line ends, which it may never
      {"GET /\xff HTTP/1.1\r\n", 400},
  };
  for (const auto& row : rows)
    EXPECT_EQ(parse_request_head(row.bytes).status, row.status) << row.bytes;
}

TEST(RequestHead, RefusesALongOneInTheLineAndBehindIt) {
  EXPECT_EQ(parse_request_head(std::string(kMaxRequestHead - 1, 'A')).status, 0);
  EXPECT_EQ(parse_request_head(std::string(kMaxRequestHead, 'A')).status, 431);
  const std::string line = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(parse_request_head(line + std::string(kMaxRequestHead, 'A')).status, 431);
}

TEST(RequestHead, AnswersRandomBytesWithSomeStatus) {
  Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random.below(64), ' ');
    for (char& c : bytes)
      c = static_cast<char>(random.chance(500'000) ? random.below(256) : "GET /HTP1.\r\n"[random.below(12)]);
    const RequestHead head = parse_request_head(bytes);
    EXPECT_TRUE(head.status == 0 || head.status == 200 || (head.status >= 400 && head.status <= 505));
    EXPECT_EQ(head.status == 200, head.path.starts_with('/'));
  }
}

}  // namespace
}  // namespace penstock
