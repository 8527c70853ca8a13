// The server before clients of every kind. All over loopback, in a namespace of the test's own or not.
#include "engine/http/server.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/http/client.h"
#include "engine/http/testing/raw_client.h"

namespace penstock {
namespace {

constexpr Nanoseconds kGenerous = 20 * kSecond;

class HttpServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto listen = ListenAddress::parse("127.0.0.1:0");
    ASSERT_TRUE(listen);
    auto server = HttpServer::start(*listen, [this](std::string_view path) { return page(path); });
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
  }

  HttpAnswer page(std::string_view path) {
    ++asked_;
    if (path == "/large") return {.body = std::string(kLarge, 'x')};
    if (path == "/here") return {.body = "here\n"};
    return {.status = 404, .body = "only /here\n"};
  }
  const ListenAddress& address() const { return server_->address(); }
  void expect_an_answer() const {
    const auto page = http_get(address(), "/here", kGenerous);
    ASSERT_TRUE(page) << page.error().message();
    EXPECT_EQ(page->status, 200);
    EXPECT_EQ(page->body, "here\n");
  }

  static constexpr std::size_t kLarge = std::size_t{3} << 20;  // more than any socket buffer
  std::atomic<int> asked_ = 0;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersWithThePage) {
  expect_an_answer();
  const auto missing = http_get(address(), "/elsewhere", kGenerous);
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->status, 404);
  EXPECT_EQ(missing->body, "only /here\n");
  const auto large = http_get(address(), "/large", kGenerous);
  ASSERT_TRUE(large) << large.error().message();
  EXPECT_EQ(large->body.size(), kLarge);
}

TEST_F(HttpServerTest, HeadHasTheLengthAndNoBody) {
  const RawClient client(address());
  client.say("HEAD /here HTTP/1.1\r\n\r\n");
  const std::string text = client.hear();
  EXPECT_NE(text.find("Content-Length: 5\r\n"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("\r\n\r\n")) << text;
}

TEST_F(HttpServerTest, TakesARequestByteByByte) {
  const RawClient client(address());
  for (const char c : std::string_view("GET /here HTTP/1.1\r\n\r\n"))
    ASSERT_TRUE(client.say({&c, 1}));
  EXPECT_TRUE(client.hear().ends_with("\r\n\r\nhere\n"));
}

TEST_F(HttpServerTest, RefusesGarbageByName) {
  const struct {
    std::string bytes;
    const char* status;
  } rows[] = {
      {"\x16\x03\x01\x02", "HTTP/1.1 400 "},
      {"POST /here HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 405 "},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 505 "},
      {std::string(20'000, 'A'), "HTTP/1.1 431 "},
      {"GET / HTTP/1.1\r\n" + std::string(20'000, 'A'), "HTTP/1.1 431 "},
  };
  for (const auto& row : rows) {
    const RawClient client(address());
    client.say(row.bytes);
    EXPECT_TRUE(client.hear().starts_with(row.status)) << row.status;
  }
  EXPECT_EQ(asked_, 0);
  expect_an_answer();
}

TEST_F(HttpServerTest, ClosesOnWhoSaysNothingAndOnWhoReadsNothing) {
  const RawClient silent(address());
  const RawClient half(address());
  half.say("GET /he");
  const RawClient slow_reader(address(), 4096);
  slow_reader.say("GET /large HTTP/1.1\r\n\r\n");
  expect_an_answer();
  EXPECT_EQ(silent.hear(), "");  // it ends, or this fails
  EXPECT_EQ(half.hear(), "");
  EXPECT_LT(slow_reader.hear().size(), kLarge);
}

TEST_F(HttpServerTest, ManyWhoHoldConnectionsKeepNobodyOut) {
  std::vector<RawClient> held;
  for (std::size_t i = 0; i < 3 * HttpServer::kConnections; ++i) {
    held.emplace_back(address());
    held.back().say("GET /");
  }
  expect_an_answer();
  // The first had to go for the later ones, whatever its time.
  EXPECT_EQ(held.front().hear(), "");
}

TEST_F(HttpServerTest, AFloodCostsNoMoreThanTheRateAllows) {
  const MonotonicClock clock;
  std::atomic<bool> over = false;
  std::vector<std::thread> flood;
  flood.reserve(4);
  const Nanoseconds start = clock.now();
  for (int i = 0; i < 4; ++i) {
    flood.emplace_back([&] {
      while (!over)
        static_cast<void>(http_get(address(), "/elsewhere", kSecond));
    });
  }
  while (clock.now() - start < kSecond)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const int asked = asked_;
  const Nanoseconds took = clock.now() - start;
  over = true;
  for (std::thread& each : flood)
    each.join();
  EXPECT_GT(asked, 0);
  EXPECT_LE(asked, HttpServer::kBurst + HttpServer::kPerSecond * took / kSecond + 1);
  expect_an_answer();
}

TEST_F(HttpServerTest, ASecondOneSaysThatTheAddressIsTaken) {
  const auto second = HttpServer::start(address(), [](std::string_view) { return HttpAnswer(); });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, EADDRINUSE);
  EXPECT_NE(second.error().message().find(address().to_string()), std::string::npos);
}

TEST_F(HttpServerTest, EndsUnderOpenConnectionsAndFreesThePort) {
  const ListenAddress at = address();
  const RawClient held(at);
  held.say("GET /");
  expect_an_answer();
  server_.reset();
  EXPECT_EQ(held.hear(), "");
  const auto again = HttpServer::start(at, [](std::string_view) { return HttpAnswer(); });
  EXPECT_TRUE(again) << again.error().message();
}

}  // namespace
}  // namespace penstock
