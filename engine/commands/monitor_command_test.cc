// `penstock monitor` beside a running `penstock run`, on a veth. argv[1] is the binary. Needs root.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/commands/testing/engine_on_veth.h"

namespace penstock {
namespace {

using Json = nlohmann::json;

struct Said {
  int status;
  std::string text;  // stdout and stderr
};

class MonitorCommandTest : public EngineOnVeth {
 protected:
  // As an unprivileged user: it needs nothing but the endpoint.
  static Said monitor(const std::string& words) {
    const std::string command =
        "setpriv --reuid=65534 --clear-groups " + RunProcess::binary() + " monitor " + words + " 2>&1";
    FILE* out = ::popen(command.c_str(), "r");
    EXPECT_NE(out, nullptr);
    Said said;
    std::array<char, 4096> piece;
    for (std::size_t got = 0; (got = ::fread(piece.data(), 1, piece.size(), out)) > 0;)
      said.text.append(piece.data(), got);
    said.status = WEXITSTATUS(::pclose(out));
    return said;
  }
};

TEST_F(MonitorCommandTest, ShowsTheRunningEngineOnce) {
  start("");
  for (int i = 0; i < 50; ++i)
    send();
  ASSERT_TRUE(says("/metrics", 200, "\npenstock_sink_consumed_total 50\n"));
  const Said table = monitor("--once --address " + address_.to_string());
  EXPECT_EQ(table.status, 0) << table.text;
  EXPECT_TRUE(table.text.starts_with("pen1: kernel_filter, native copy, sockets on 1 of 1 queues"))
      << table.text;
  EXPECT_NE(table.text.find("\n! no frame at all reaches pen1\n"), std::string::npos) << table.text;
  EXPECT_EQ(table.text.find('\x1b'), std::string::npos) << "no terminal, no sequences";
  const Said object = monitor("--once --json --address " + address_.to_string());
  EXPECT_EQ(object.status, 0);
  const Json json = Json::parse(object.text);
  EXPECT_EQ(json["ports"][0]["fast"]["total"], 50);
  EXPECT_EQ(json["why"]["cause"], "nothing_arrives");
}

TEST_F(MonitorCommandTest, ShowsQueuesAndTheHopToASinkOnItsOwnThread) {
  start("[sink]\nthread = true");
  for (int i = 0; i < 50; ++i)
    send();
  ASSERT_TRUE(says("/metrics", 200, "\npenstock_sink_consumed_total 50\n"));
  EXPECT_TRUE(says("/metrics", 200, "\npenstock_rx_queue_frames_total{interface=\"pen1\",queue=\"0\"} 50\n"));
  EXPECT_TRUE(wait_until(  // the first batch is marked, and counted once the sink is through with it
      [&] {
        const std::string body = page("/metrics").body;
        return body.find("\npenstock_hop_sink_total{le=\"+Inf\"} ") != std::string::npos &&
               body.find("\npenstock_hop_sink_total{le=\"+Inf\"} 0\n") == std::string::npos;
      },
      10 * kSecond, 10 * kMillisecond));
  const Said table = monitor("--once --address " + address_.to_string());
  EXPECT_NE(table.text.find("\nlatency of the hop to sink: p50 -, p99 -, max -\nqueues: 0: 0/s "),
            std::string::npos)
      << table.text;
  const Json json = Json::parse(monitor("--once --json --address " + address_.to_string()).text);
  EXPECT_EQ(json["latency"]["sink"]["samples"], 0) << "nothing came in this second";
  EXPECT_EQ(json["queue_load"][0]["frames"]["total"], 50);
  EXPECT_EQ(json["queue_load"][0]["ring_entries"], 4096);
}

TEST_F(MonitorCommandTest, WritesALineASecondAndNoticesThatTheEngineEnds) {
  start("");
  const std::filesystem::path out = RunProcess::folder() / "monitor";
  const std::filesystem::path pid = RunProcess::folder() / "pid";
  run(RunProcess::binary() + " monitor --address " + address_.to_string() + " > " + out.string() +
      " 2>&1 & echo $! > " + pid.string());
  const auto says_by_and_by = [&](const std::string& text) {
    return eventually("grep -q '" + text + "' " + out.string());
  };
  EXPECT_TRUE(says_by_and_by("^pen1 kernel_filter: 0 datagrams/s, lost 0; no frame at all reaches pen1; "))
      << text_of(out);
  engine_->signal(SIGTERM);
  EXPECT_EQ(engine_->wait(), 0);
  EXPECT_TRUE(says_by_and_by("ECONNREFUSED")) << text_of(out);
  EXPECT_EQ(kill(std::stoi(text_of(pid)), SIGTERM), 0) << "it waits for the next engine";
}

TEST_F(MonitorCommandTest, DrawsOverItselfOnATerminal) {
  start("");
  const std::filesystem::path out = RunProcess::folder() / "typescript";
  const std::filesystem::path pid = RunProcess::folder() / "drawing";
  // script(1) makes a pseudo terminal.
  run("script -qfec 'echo $$ > " + pid.string() + "; exec " + RunProcess::binary() + " monitor --address " +
      address_.to_string() + "' " + out.string() + " > /dev/null < /dev/null &");
  EXPECT_TRUE(eventually("grep -q \"$(printf '\\033\\[J')\" " + out.string() + " 2> /dev/null"));
  const std::string text = text_of(out);
  EXPECT_NE(text.find("\x1b[Hpen1: kernel_filter"), std::string::npos) << text;
  EXPECT_NE(text.find("\x1b[K"), std::string::npos);
  kill(std::stoi(text_of(pid)), SIGTERM);
}

TEST_F(MonitorCommandTest, SaysWhomItCannotAsk) {
  const Said nobody = monitor("--once --address 127.0.0.1:9");
  EXPECT_EQ(nobody.status, 1);
  EXPECT_NE(nobody.text.find("get http://127.0.0.1:9/metrics: ECONNREFUSED"), std::string::npos)
      << nobody.text;
  EXPECT_NE(nobody.text.find("--address"), std::string::npos) << nobody.text;
  EXPECT_EQ(monitor("--once --address here").status, 1);
  const std::filesystem::path file = RunProcess::folder() / "silent.toml";
  std::ofstream(file) << "interface = \"pen1\"\nports = [8003]\n[metrics]\nlisten = \"\"\n";
  std::filesystem::permissions(RunProcess::folder(), std::filesystem::perms(0755));
  const Said silent = monitor("--once --config " + file.string());
  EXPECT_EQ(silent.status, 1);
  EXPECT_NE(silent.text.find("there is nobody to ask"), std::string::npos) << silent.text;
}

}  // namespace
}  // namespace penstock
