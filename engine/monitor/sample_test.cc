// What the engine writes is read back; what it never writes is refused by its line, or left out.
#include "engine/monitor/sample.h"

#include <string>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(EngineSample, IsWhatTheEngineWrote) {
  CounterSnapshot counters;
  for (std::size_t slot = 0; slot < counters.slots.size(); ++slot)
    counters.slots[slot] = slot * 1'000'003 + 1;
  const std::vector<std::uint16_t> ports = {8003, 1, 65535};
  const EngineFacts facts = {
      .version = "abc",
      .ready = true,
      .config = {{"interface", "eth0"}, {"companion", "own"}},
      .receiver = {.path = "kernel_filter",
                   .mode = "native copy",
                   .steps_down = {"first: \"EPERM\"\n\\", "second"},
                   .better_way = true,
                   .sockets = 4,
                   .queues = {{"eth0", 0, 7, 8, 64}, {"eth0", 1, 9, 0, 64}, {"eth1", 0, 3, 2, 1}}},
      .interface_queues = 8,
      .interface_up = false,
      .device = DeviceCounters{1, 2, 3, 4, 5},
      .thread_times_ms = {{"pen-net", 12'034}, {"penstock", 5}}};
  const auto read = parse_sample(prometheus_text(counters, ports) + engine_facts_text(facts));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->ports, ports);
  // The same text again: everything that is written was read. Slots of ports that are not listed are 0.
  EXPECT_EQ(prometheus_text(read->counters, read->ports) + engine_facts_text(read->facts),
            prometheus_text(counters, ports) + engine_facts_text(facts));
  EXPECT_EQ(read->counters.get(Counter::kPublished, 3), 0u);
  EXPECT_EQ(read->config("companion"), "own");
  EXPECT_EQ(read->config("nothing"), "");
}

TEST(EngineSample, LeavesOutWhatItDoesNotKnow) {
  const auto read = parse_sample(
      "# HELP x y\n\nother_metric{a=\"b\"} 1e+06\npenstock_new_total{kind=\"x\"} 7\n"
      "penstock_xdp_pass_total{reason=\"of_tomorrow\"} 8\npenstock_xdp_redirect_total 9\n");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->counters.get(Counter::kXdpRedirect), 9u);
  EXPECT_EQ(read->counters.sum(Counter::kXdpPass), 0u);
}

TEST(EngineSample, HasNoMoreQueuesThanAHostCanHave) {
  std::string page = "penstock_xdp_redirect_total 9\n";
  for (int i = 0; i < 2'000; ++i)
    page += "penstock_rx_queue_waiting{interface=\"eth0\",queue=\"" + std::to_string(i) + "\"} 7\n";
  const auto read = parse_sample(page);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->facts.receiver.queues.size(), 1'024u);
  EXPECT_EQ(read->facts.receiver.queues.back().queue, 1'023u);
}

TEST(EngineSample, NamesTheLineThatIsNotOfTheFormat) {
  for (const char* line :
       {"penstock_xdp_redirect_total", "penstock_xdp_redirect_total x", "penstock_xdp_redirect_total 9 9",
        "penstock_xdp_pass_total{reason=\"port} 1", "penstock_xdp_pass_total{reason} 1",
        "penstock_xdp_pass_total{reason=\"port\" 1", "penstock_xdp_pass_total{reason=\"port\\",
        "penstock_thread_cpu_seconds_total{thread=\"x\"} 1.5", "penstock_xdp_redirect_total 1.0x0"}) {
    const auto read = parse_sample(std::string("# first\n") + line + "\n");
    ASSERT_FALSE(read) << line;
    EXPECT_NE(read.error().what.find("line 2 is 'penstock_"), std::string::npos) << read.error().what;
  }
}

TEST(EngineSample, IsNotAnotherProgramsPage) {
  EXPECT_FALSE(parse_sample(""));
  EXPECT_FALSE(parse_sample("go_goroutines 7\n"));
  EXPECT_FALSE(parse_sample("<html>404</html>"));
}

}  // namespace
}  // namespace penstock
