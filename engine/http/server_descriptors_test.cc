// The server in a process that has no descriptor left: it waits for one, and goes on.
#include <sys/resource.h>

#include <string_view>

#include <gtest/gtest.h>

#include "engine/http/server.h"
#include "engine/http/testing/raw_client.h"

namespace penstock {
namespace {

TEST(HttpServer, WaitsForADescriptorWhenThereAreNone) {
  const auto listen = ListenAddress::parse("127.0.0.1:0");
  ASSERT_TRUE(listen);
  const auto server =
      HttpServer::start(*listen, [](std::string_view) { return HttpAnswer{.body = "here\n"}; });
  ASSERT_TRUE(server) << server.error().message();
  const RawClient client;  // has its own by now
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 3;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  client.connect((*server)->address());
  client.say("GET /here HTTP/1.1\r\n\r\n");
  EXPECT_FALSE(client.hears_within(300 * kMillisecond));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(client.hear().ends_with("here\n"));
}

}  // namespace
}  // namespace penstock
