// Every message there and back, and what is none.
#include "sim/remote/protocol.h"

#include <string>

#include <gtest/gtest.h>

namespace penstock {
namespace {

template <typename Message>
Message again(const Message& message) {
  const Result<RemoteMessage> read = parse_line(to_line(message));
  EXPECT_TRUE(read) << read.error().message();
  EXPECT_TRUE(std::holds_alternative<Message>(*read));
  return std::get<Message>(*read);
}

TEST(RemoteProtocol, CarriesATaskWithItsLines) {
  const RemoteTask task =
      again(RemoteTask{"name = \"x\"\n[workload]\n", "x[queues=4]", ~std::uint64_t{0}, "eth1"});
  EXPECT_EQ(task.scenario, "name = \"x\"\n[workload]\n");
  EXPECT_EQ(task.name, "x[queues=4]");
  EXPECT_EQ(task.seed, ~std::uint64_t{0});
  EXPECT_EQ(task.interface, "eth1");
  EXPECT_EQ(to_line(task).find('\n'), std::string::npos) << "one line";
}

TEST(RemoteProtocol, CarriesTheOtherMessages) {
  EXPECT_EQ(again(RemoteHello{7, "v1"}).protocol, 7u);
  EXPECT_EQ(again(RemoteHello{7, "v1"}).version, "v1");
  EXPECT_EQ(again(RemoteReady{3, "3:ab", "02:00:00:00:00:01"}).digest, "3:ab");
  EXPECT_EQ(again(RemoteReady{3, "3:ab", "02:00:00:00:00:01"}).mac, "02:00:00:00:00:01");
  again(RemoteSend{});
  EXPECT_EQ(again(RemoteProgress{1'000}).done, 1'000u);
  EXPECT_EQ(again(RemoteFailure{"eth1: no such device \xff"}).what.substr(0, 20), "eth1: no such device");
}

TEST(RemoteProtocol, CarriesTheLedgerWithWhatIsUnknown) {
  RemoteSent sent;
  sent.report.sent = {.frames = 10, .bytes = 12'450};
  sent.report.elapsed = 5;
  sent.report.missed_rate = true;
  sent.device.tx_packets = 9;
  sent.device.tx_dropped = 1;
  sent.device.sent = 9;
  sent.device.xdp_xmit = Count::unknown("xdp_xmit of driver i40e");
  sent.host_frames = 2;
  const RemoteSent read = again(sent);
  EXPECT_EQ(read.report.sent.frames, 10u);
  EXPECT_EQ(read.report.sent.bytes, 12'450u);
  EXPECT_EQ(read.report.elapsed, 5);
  EXPECT_TRUE(read.report.missed_rate);
  EXPECT_EQ(read.device.tx_packets, 9u);
  EXPECT_EQ(read.device.tx_dropped, 1u);
  EXPECT_EQ(read.device.sent, 9u);
  EXPECT_EQ(read.device.xdp_xmit, Count::unknown("xdp_xmit of driver i40e"));
  EXPECT_EQ(read.host_frames, 2u);
}

TEST(RemoteProtocol, RefusesWhatIsNoMessage) {
  for (const char* line : {"", "{", "[]", "{}", "42", "Welcome to host", R"({"hello":{}})",
                           R"({"hello":[1,2]})", R"({"hello":{"protocol":"x","version":"y"}})",
                           R"({"nothing":{}})", R"({"ready":{},"send":{}})", R"({"sent":{"frames":-1}})"}) {
    const Result<RemoteMessage> read = parse_line(line);
    ASSERT_FALSE(read) << line;
    EXPECT_NE(read.error().what.find("no message of a remote sender"), std::string::npos);
  }
  const Result<RemoteMessage> long_one = parse_line(std::string(100'000, 'x'));
  ASSERT_FALSE(long_one);
  EXPECT_LT(long_one.error().what.size(), 1'000u);
}

}  // namespace
}  // namespace penstock
