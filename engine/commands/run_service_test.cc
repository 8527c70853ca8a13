// `penstock run` as a service: what its manager hears, and when. argv[1] is the binary. Needs root.
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "engine/commands/testing/run_process.h"
#include "engine/receive/testing/receiver_on_veth.h"
#include "engine/service/testing/fake_manager.h"

namespace penstock {
namespace {

class RunServiceTest : public ReceiverOnVeth {
 protected:
  static std::string config() {
    return "interface = \"pen1\"\npath = \"kernel_filter\"\nports = [8003]\n[receiver]\nrx_entries = 256\n";
  }
  const FakeManager manager_;
};

TEST_F(RunServiceTest, ReadyWhenItReceivesAliveWhileItDoesAndStoppingBeforeItEnds) {
  ::setenv("WATCHDOG_USEC", "400000", 1);
  RunProcess engine(config());
  const std::string ready = manager_.hears();
  EXPECT_EQ(ready.rfind("READY=1\nSTATUS=receiving on pen1: kernel_filter, native copy", 0), 0u) << ready;
  EXPECT_EQ(ready.find('\n', ready.find('\n') + 1), std::string::npos) << "two lines: " << ready;
  run("ip link show pen1 | grep -q xdp");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(manager_.hears(), "WATCHDOG=1");
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
  std::string last = manager_.hears();
  while (last == "WATCHDOG=1")
    last = manager_.hears();
  EXPECT_EQ(last, "STOPPING=1\nSTATUS=stopping");
  EXPECT_EQ(manager_.heard(), "");
}

TEST_F(RunServiceTest, ReadsItsFileAnewAndReceivesOn) {
  RunProcess engine(config());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  const std::filesystem::path file = RunProcess::folder() / "run.toml";
  std::ofstream(file) << config() << "vlan = true\n[threads]\non_stall = \"report\"\n";
  engine.signal(SIGHUP);
  EXPECT_TRUE(engine.says("threads.on_stall = 'report' from now on")) << engine.output();
  EXPECT_TRUE(engine.says("receiver.vlan = true takes effect at the next start")) << engine.output();
  std::ofstream(file) << "interface = 7\n";
  engine.signal(SIGHUP);
  EXPECT_TRUE(engine.says("goes on as it is, since its file is of no use")) << engine.output();
  for (int i = 0; i < 50; ++i)
    send();
  do
    engine.refresh_counters();
  while (engine.counter("penstock_sink_consumed_total") < 50);
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
}

TEST_F(RunServiceTest, NeverReadyWhenItCannotStart) {
  RunProcess engine("interface = \"nosuch0\"\nports = [8003]\n");
  EXPECT_EQ(engine.wait(), 1);
  EXPECT_EQ(manager_.heard(), "");
}

TEST_F(RunServiceTest, AManagerThatGoesAwayIsSaidOnceAndHarmsNothing) {
  ::setenv("WATCHDOG_USEC", "200000", 1);
  ::setenv("NOTIFY_SOCKET", "@penstock-nobody", 1);
  RunProcess engine(config());
  ASSERT_TRUE(engine.says("ECONNREFUSED")) << engine.output();
  for (int i = 0; i < 50; ++i)
    send();
  do
    engine.refresh_counters();
  while (engine.counter("penstock_sink_consumed_total") < 50);
  usleep(500'000);  // longer than its watchdog's time; were there a second line, most likely it is there now
  const std::string output = engine.output();
  EXPECT_EQ(output.find("ECONNREFUSED"), output.rfind("ECONNREFUSED")) << output;
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
}

}  // namespace
}  // namespace penstock
