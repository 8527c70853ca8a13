// `penstock run` by the ways that need no XDP, and by whichever works: what it says, counts and leaves.
// argv[1] is the binary. Needs root.
#include <signal.h>
#include <unistd.h>

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "engine/commands/testing/run_process.h"
#include "engine/receive/testing/receiver_on_veth.h"

namespace penstock {
namespace {

class RunWaysTest : public ReceiverOnVeth {
 protected:
  static std::string config(const std::string& path, const std::string& more = "") {
    return "interface = \"pen1\"\npath = \"" + path + "\"\nports = [8003]\n" + more +
           "[receiver]\nrx_entries = 256\n";
  }
  // Sends, waits until all are consumed, and stops the engine.
  void expect_to_receive(RunProcess& engine, int datagrams) {
    for (int i = 0; i < datagrams; ++i)
      send();
    do
      engine.refresh_counters();
    while (engine.counter("penstock_sink_consumed_total") < datagrams);
    engine.signal(SIGTERM);
    ASSERT_EQ(engine.wait(), 0) << engine.output();
    EXPECT_EQ(engine.counter("penstock_published_total{port=\"8003\"}"), datagrams);
    EXPECT_EQ(engine.counter("penstock_sink_consumed_total"), datagrams);
    EXPECT_NE(engine.output().find("0 lost"), std::string::npos) << engine.output();
  }
};

TEST_F(RunWaysTest, SocketsFeedTheSameLinks) {
  for (const auto& [path, mode] : {std::pair("io_uring", "multishot"), std::pair("udp", "recvmmsg")}) {
    RunProcess engine(config(path));
    ASSERT_TRUE(engine.says(std::string("receiving on pen1: ") + path + ", " + mode + ", sockets"))
        << engine.output();
    EXPECT_NE(engine.output().find("as configured"), std::string::npos);
    expect_to_receive(engine, 1'000);  // more than its frames: those of the links take their turn
    EXPECT_EQ(
        engine.counter(std::string("penstock_receiver_info{path=\"") + path + "\",mode=\"" + mode + "\"}"),
        1);
    EXPECT_EQ(engine.counter("penstock_receiver_steps_down"), 0);
  }
}

TEST_F(RunWaysTest, AutoTakesTheFastestThatWorks) {
  RunProcess engine(config("auto"));
  ASSERT_TRUE(engine.says("receiving on pen1: kernel_filter, native copy")) << engine.output();
  expect_to_receive(engine, 100);
}

TEST_F(RunWaysTest, AutoSaysWhyItIsLessAndRequiredRefusesIt) {
  RunProcess first(config("kernel_filter"));
  ASSERT_TRUE(first.says("receiving on")) << first.output();
  // The first one has the queue, and the port: move the port away.
  const std::string other = "interface = \"pen1\"\npath = \"auto\"\nports = [8009]\n";
  {
    RunProcess second(other, "second");
    ASSERT_TRUE(second.says("receiving on pen1: io_uring")) << second.output();
    EXPECT_NE(second.output().find("stepped down from kernel_filter, native copy: "), std::string::npos);
    EXPECT_NE(second.output().find("EBUSY"), std::string::npos);
    EXPECT_NE(second.output().find("less than configured"), std::string::npos);
    second.refresh_counters();
    EXPECT_EQ(second.counter("penstock_receiver_steps_down"), 2);
    second.signal(SIGTERM);
    EXPECT_EQ(second.wait(), 0);
  }
  RunProcess refused(other + "required = true\n", "second");
  EXPECT_NE(refused.wait(), 0);
  EXPECT_NE(refused.output().find("kernel_filter, native copy is required"), std::string::npos)
      << refused.output();
}

TEST_F(RunWaysTest, SaysWhenARestartWouldReceiveByAFasterWay) {
  std::optional<RunProcess> first(std::in_place, config("kernel_filter"));
  ASSERT_TRUE(first->says("receiving on")) << first->output();
  RunProcess second("interface = \"pen1\"\npath = \"auto\"\nports = [8009]\n", "second",
                    {"--look-again", "1"});
  ASSERT_TRUE(second.says("receiving on pen1: io_uring")) << second.output();
  usleep(2'500'000);  // some looks, in vain
  EXPECT_EQ(second.output().find("a restart would now"), std::string::npos) << second.output();
  first.reset();  // killed
  ASSERT_TRUE(second.says("a restart would now try kernel_filter, native copy first")) << second.output();
  second.refresh_counters();
  EXPECT_EQ(second.counter("penstock_receiver_better_way"), 1);
  second.signal(SIGTERM);
  EXPECT_EQ(second.wait(), 0);
}

}  // namespace
}  // namespace penstock
