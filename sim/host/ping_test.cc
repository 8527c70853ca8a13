// What ping prints, as iputils 20221126 prints it.
#include "sim/host/ping.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr char kHead[] =
    "PING 192.0.2.2 (192.0.2.2) 56(84) bytes of data.\n\n--- 192.0.2.2 ping statistics ---\n";

PingResult parsed(const std::string& lines) {
  const Result<PingResult> result = parse_ping(kHead + lines);
  EXPECT_TRUE(result) << result.error().message();
  return result.value_or(PingResult{});
}

TEST(ParsePing, AllAnswered) {
  EXPECT_EQ(parsed("200 packets transmitted, 200 received, 0% packet loss, time 1990ms\n"
                   "rtt min/avg/max/mdev = 0.015/0.027/12.045/0.009 ms\n"),
            (PingResult{.sent = 200, .received = 200, .worst = 12'045'000}));
}

TEST(ParsePing, SomeLost) {
  const PingResult result = parsed(
      "10 packets transmitted, 7 received, 30% packet loss, time 90ms\n"
      "rtt min/avg/max/mdev = 0.1/0.2/0.3/0.0 ms, pipe 3\n");
  EXPECT_EQ(result.lost(), 3u);
  EXPECT_EQ(result.worst, 300'000);
}

TEST(ParsePing, NothingAnswered) {
  const PingResult result = parsed("5 packets transmitted, 0 received, 100% packet loss, time 40ms\n\n");
  EXPECT_EQ(result.lost(), 5u);
  EXPECT_EQ(result.worst, 0);
}

TEST(ParsePing, AnswersThatCameTwice) {
  EXPECT_EQ(
      parsed("5 packets transmitted, 5 received, +3 duplicates, 0% packet loss, time 40ms\n").duplicates, 3u);
}

TEST(ParsePing, ErrorsFromTheWay) {
  EXPECT_EQ(parsed("4 packets transmitted, 0 received, +4 errors, 100% packet loss, time 30ms\n").lost(), 4u);
}

TEST(ParsePing, AnythingElseIsAnError) {
  EXPECT_FALSE(parse_ping(""));
  EXPECT_FALSE(parse_ping("connect: Network is unreachable\n"));
  EXPECT_FALSE(parse_ping("3 packets transmitted, 4 received"));
}

}  // namespace
}  // namespace penstock
