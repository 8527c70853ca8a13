// Every fact of the table is written, by the rules of the format.
#include "engine/metrics/engine_facts.h"

#include <string>

#include <gtest/gtest.h>

#include "engine/metrics/thread_times.h"

namespace penstock {
namespace {

EngineFacts all_facts() {
  return {.version = "abc",
          .process_id = 4711,
          .ready = true,
          .config = {{"interface", "eth0"}},
          .receiver = {.path = "udp",
                       .mode = "recvmmsg",
                       .steps_down = {"io_uring: \"EPERM\"\nC:\\"},
                       .better_way = true,
                       .sockets = 4,
                       .queues = {{"eth0", 3, 70, 20, 4096}}},
          .interface_queues = 8,
          .interface_up = false,
          .device = DeviceCounters{.rx_packets = 5},
          .thread_times_ms = {{"pen-net", 12'034}}};
}

TEST(EngineFacts, AreAllWrittenWithHelpAndType) {
  const std::string text = engine_facts_text(all_facts());
#define X(name, type, labels, help)                                                        \
  EXPECT_NE(text.find("# HELP penstock_" name " " help ".\n"), std::string::npos) << name; \
  EXPECT_NE(text.find("# TYPE penstock_" name " " type "\npenstock_" name), std::string::npos) << name;
  PENSTOCK_FACTS(X)
#undef X
}

TEST(EngineFacts, HaveTheirValuesAndLabels) {
  const std::string text = engine_facts_text(all_facts());
  for (const char* line :
       {"\npenstock_ready 1\n", "\npenstock_process_id 4711\n", "\npenstock_build_info{version=\"abc\"} 1\n",
        "\npenstock_receiver_info{path=\"udp\",mode=\"recvmmsg\"} 1\n", "\npenstock_interface_up 0\n",
        "\npenstock_receiver_steps_down 1\n", "\npenstock_receiver_better_way 1\n",
        "\npenstock_receiver_step_down_info{step=\"io_uring: \\\"EPERM\\\"\\nC:\\\\\"} 1\n",
        "\npenstock_device_rx_packets_total 5\n",
        "\npenstock_rx_queue_frames_total{interface=\"eth0\",queue=\"3\"} 70\n",
        "\npenstock_rx_queue_waiting{interface=\"eth0\",queue=\"3\"} 20\n",
        "\npenstock_rx_queue_entries{interface=\"eth0\",queue=\"3\"} 4096\n",
        "\npenstock_thread_cpu_seconds_total{thread=\"pen-net\"} 12.034\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
}

TEST(EngineFacts, LeaveOutWhatIsNotKnown) {
  EngineFacts facts = all_facts();
  facts.device.reset();
  EXPECT_EQ(engine_facts_text(facts).find("device_rx"), std::string::npos);
}

TEST(ThreadTimes, GrowWithWhatTheThreadDoes) {
  const auto total = [] {
    std::uint64_t all = 0;
    for (const auto& [name, ms] : thread_times_ms())
      all += ms;
    return all;
  };
  const std::uint64_t before = total();
  while (total() == before) {  // a tick's worth of work, or the test's time is over
  }
  EXPECT_GT(total(), before);
}

}  // namespace
}  // namespace penstock
