// The run's side against stand-ins for ssh: small shell scripts that answer, or do not.
#include "sim/remote/remote_sender.h"

#include <errno.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr const char* kHello = R"(echo '{"hello":{"protocol":1,"version":"v1"}}')";
constexpr const char* kReady =
    R"(read -r task; echo '{"ready":{"frames":3,"digest":"3:ab","mac":"02:00:00:00:00:01"}}')";
constexpr const char* kSent =
    R"(echo '{"sent":{"frames":3,"bytes":180,"elapsed_ns":1,"asked_ns":1,"lateness_max_ns":0,"refusals":0,)"
    R"("missed_rate":false,"redirected":false,"refused":0,"ring_full":0,"tx_packets":3,"tx_dropped":0,)"
    R"("device_sent":3,"xdp_xmit":"unknown here","xdp_xmit_errors":0,"host_frames":0}}')";

// A host whose ssh is a script of these lines.
RemoteHost host_that(const std::string& lines) {
  const std::filesystem::path script = std::filesystem::path(::testing::TempDir()) / "ssh.sh";
  std::ofstream(script) << lines << "\n";
  return {.ssh = {"/bin/sh", script.string(), "root@host"}, .runner = "/opt/runner"};
}

std::string joined(std::initializer_list<std::string> lines) {
  std::string text;
  for (const std::string& line : lines)
    text += line + "\n";
  return text;
}

Error refusal(const RemoteHost& host) {
  const auto remote = RemoteSender::connect(host);
  return remote ? Error{"connected", 0, {}} : remote.error();
}

const RemoteTask kTask{"name = \"x\"\n", "x", 1, "eth1"};

TEST(RemoteSender, HasItsWorkloadSentTurnByTurn) {
  const auto remote = RemoteSender::connect(host_that(joined(
      {"[ \"$2\" = /opt/runner ] && [ \"$3\" = remote-sender ] || true", kHello, kReady, "read -r send",
       R"(echo '{"progress":{"done":2}}')", kSent, "read -r send", kSent, "read -r end"})));
  ASSERT_TRUE(remote) << remote.error().message();
  const auto ready = (*remote)->prepare(kTask);
  ASSERT_TRUE(ready) << ready.error().message();
  EXPECT_EQ(ready->frames, 3u);
  std::uint64_t seen = 0;
  for (int turn = 0; turn < 2; ++turn) {
    const Status sent = (*remote)->send([&](std::uint64_t done) { seen = done; }, {});
    ASSERT_TRUE(sent) << sent.error().message();
    EXPECT_EQ((*remote)->last().report.sent.frames, 3u);
    EXPECT_EQ((*remote)->last().device.xdp_xmit.missing, "unknown here");
  }
  EXPECT_EQ(seen, 2u);
}

TEST(RemoteSender, SaysWhyThereIsNone) {
  EXPECT_NE(
      refusal({.ssh = {"/nonexistent/ssh", "host"}, .runner = "r"}).message().find("start /nonexistent/ssh"),
      std::string::npos);
  const Error key = refusal(host_that("echo 'Host key verification failed.' >&2; exit 255"));
  EXPECT_NE(key.what.find("it said: Host key verification failed."), std::string::npos) << key.message();
  EXPECT_EQ(key.code, ENOTCONN);
  const Error version = refusal(host_that(R"(echo '{"hello":{"protocol":99,"version":"v9"}}')"));
  EXPECT_NE(version.what.find("it speaks version 99 of the protocol (runner v9), and this runner 1"),
            std::string::npos)
      << version.message();
  const Error other = refusal(host_that("echo 'Welcome to host'"));
  EXPECT_NE(other.what.find("Welcome to host"), std::string::npos) << other.message();
}

TEST(RemoteSender, SaysWhatTheFarSideCouldNotDo) {
  const auto remote = RemoteSender::connect(host_that(
      joined({kHello, "read -r task", R"(echo '{"error":{"what":"there is no interface eth1"}}')"})));
  ASSERT_TRUE(remote) << remote.error().message();
  const auto ready = (*remote)->prepare(kTask);
  ASSERT_FALSE(ready);
  EXPECT_NE(ready.error().what.find("there is no interface eth1"), std::string::npos);
}

TEST(RemoteSender, IsLostInTheMiddleOfATurn) {
  const auto remote = RemoteSender::connect(host_that(joined(
      {kHello, kReady, "read -r send", R"(echo '{"progress":{"done":1}}')", "echo 'Connection reset' >&2"})));
  ASSERT_TRUE(remote) << remote.error().message();
  ASSERT_TRUE((*remote)->prepare(kTask));
  const Status sent = (*remote)->send([](std::uint64_t) {}, {});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ECONNRESET);
  EXPECT_NE(sent.error().what.find("it said: Connection reset"), std::string::npos) << sent.error().message();
}

TEST(RemoteSender, HangsUpWhenItIsStopped) {
  const std::string mark = std::filesystem::path(::testing::TempDir()) / "ended";
  std::filesystem::remove(mark);
  {
    const auto remote = RemoteSender::connect(
        host_that(joined({kHello, kReady, "read -r send", "while read -r line; do :; done", ": >" + mark})));
    ASSERT_TRUE(remote) << remote.error().message();
    ASSERT_TRUE((*remote)->prepare(kTask));
    std::stop_source stop;
    stop.request_stop();
    const Status sent = (*remote)->send([](std::uint64_t) {}, stop.get_token());
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, ECANCELED);
    // The far side sees its input end. Without a limit: the test's own is Bazel's.
    while (!std::filesystem::exists(mark))
      usleep(1'000);
  }
}

}  // namespace
}  // namespace penstock
