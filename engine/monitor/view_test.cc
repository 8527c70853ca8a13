// From counters to what is shown.
#include "engine/monitor/view.h"

#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/monitor/view_text.h"

namespace penstock {
namespace {

using Json = nlohmann::json;

class ViewTest : public ::testing::Test {
 protected:
  ViewTest() {
    now_.ports = {8003, 8009};
    now_.facts.version = "abc";
    now_.facts.ready = true;
    now_.facts.config = {{"interface", "eth0"}, {"companion", "own"}, {"shred_stage", "off"}};
    now_.facts.receiver = {.path = "kernel_filter", .mode = "native copy", .sockets = 2};
    now_.facts.interface_queues = 4;
    now_.facts.device.emplace();
    now_.facts.thread_times_ms = {{"pen-net", 1'000}};
    add(Counter::kPublished, 1'000, 0);
    before_ = now_;
  }
  void add(Counter counter, std::uint64_t by, std::size_t value = 0) {
    now_.counters.slots[counter_slot(counter, value)] += by;
  }
  MonitorView view() const { return make_view(before_, now_, 2 * kSecond); }

  EngineSample before_, now_;
};

TEST_F(ViewTest, HasRatesOfTheTimeBetweenAndTotals) {
  now_.facts.device->rx_packets += 3'000;
  add(Counter::kPublished, 2'000, 0);
  add(Counter::kPublishedBytes, 2'456'000, 0);
  add(Counter::kSlowWayPublished, 10, 1);
  add(Counter::kXdpPass, 40, PENSTOCK_ETHERTYPE);
  add(Counter::kXdpPass, 50, PENSTOCK_PORT);
  add(Counter::kFilterPass, 60, PENSTOCK_PORT);
  add(Counter::kRxRingFull, 7);
  now_.facts.device->rx_missed += 4;
  now_.facts.thread_times_ms["pen-net"] += 500;
  const MonitorView v = view();
  EXPECT_EQ(v.device->per_second, 1'500u);
  ASSERT_EQ(v.ports.size(), 2u);
  EXPECT_EQ(v.ports[0].fast.per_second, 1'000u);
  EXPECT_EQ(v.ports[0].fast.total, 3'000u);
  EXPECT_EQ(v.ports[0].bits_per_second, 9'824'000u);
  EXPECT_EQ(v.ports[1].slow.per_second, 5u);
  EXPECT_EQ(datagrams_per_second(v), 1'005u);
  ASSERT_EQ(v.passed.size(), 2u);
  EXPECT_EQ(v.passed[0].name, "port");
  EXPECT_EQ(v.passed[0].per_second, 55u);
  EXPECT_EQ(v.passed[1].name, "ethertype");
  ASSERT_EQ(v.lost.size(), 2u);
  EXPECT_EQ(v.lost[0].name, "rx_ring_full");
  EXPECT_EQ(v.lost[1].name, "interface missed");
  EXPECT_EQ(total_of(v.lost), 11u);
  ASSERT_EQ(v.threads.size(), 1u);
  EXPECT_EQ(v.threads[0].percent, 25u);
  EXPECT_FALSE(v.shreds);
  EXPECT_FALSE(v.why);
  EXPECT_FALSE(v.restarted);
}

TEST_F(ViewTest, HasTheShredStageWhenThereIsOne) {
  now_.facts.config[2].second = "full";
  add(Counter::kShredConsumed, 100);
  add(Counter::kShredAccepted, 60);
  add(Counter::kShredDiscarded, 40, reject_value(RejectReason::kMerkle));
  add(Counter::kFecSetsFinished, 2);
  const MonitorView v = view();
  ASSERT_TRUE(v.shreds);
  EXPECT_EQ(v.shreds->consumed.per_second, 50u);
  ASSERT_EQ(v.shreds->fates.size(), 4u);
  EXPECT_EQ(v.shreds->fates[3].name, "discarded: merkle");
  EXPECT_EQ(v.shreds->fates[3].total, 40u);
  EXPECT_EQ(v.shreds->sets[1].per_second, 1u);
}

TEST_F(ViewTest, HasTheOutletOnceSomethingWentThere) {
  EXPECT_TRUE(view().outlet.empty());
  add(Counter::kOutletReaders, 1);
  add(Counter::kOutletPublished, 10);
  add(Counter::kOutletLost, 4);
  const MonitorView v = view();
  ASSERT_EQ(v.outlet.size(), 4u);
  EXPECT_EQ(v.outlet[0].per_second, 5u);
  EXPECT_EQ(v.outlet[3].total, 4u);
  EXPECT_NE(view_text(v).find("\noutlet: shared memory\n  published"), std::string::npos) << view_text(v);
}

TEST_F(ViewTest, HasTheHopsOfTheTimeBetweenByConsumer) {
  EXPECT_TRUE(view().hops.empty()) << "no consumer on a thread of its own";
  const auto hop = [&](Counter family, Nanoseconds took, std::uint64_t times) {
    for (std::size_t bucket = hop_bucket_of(took); bucket < kHopBuckets; ++bucket)
      add(family, times, bucket);
  };
  hop(Counter::kHopSink, kMicrosecond, 1'000);
  hop(Counter::kHopShred, kSecond, 1'000);
  before_ = now_;
  hop(Counter::kHopShred, 5 * kMicrosecond, 197);
  hop(Counter::kHopShred, 900 * kMicrosecond, 1);
  hop(Counter::kHopShred, 2 * kMillisecond, 2);
  const MonitorView v = view();
  ASSERT_EQ(v.hops.size(), 2u);
  EXPECT_EQ(v.hops[0].consumer, "shred");
  EXPECT_EQ(v.hops[0].samples, 200u);
  EXPECT_EQ(v.hops[0].p50, 8 * kMicrosecond);
  EXPECT_EQ(v.hops[0].p99, 1'024 * kMicrosecond);
  EXPECT_EQ(v.hops[0].max, 2'048 * kMicrosecond);
  EXPECT_EQ(v.hops[1].samples, 0u);
  EXPECT_NE(view_text(v).find("\nlatency of the hop to shred: p50 8 us, p99 1,024 us, max 2,048 us\n"
                              "latency of the hop to sink: p50 -, p99 -, max -\n"),
            std::string::npos)
      << view_text(v);
  Json json = Json::parse(view_json(v));
  EXPECT_EQ(json["latency"]["shred"],
            Json::parse(R"({"samples": 200, "p50_us": 8, "p99_us": 1024, "max_us": 2048})"));
  EXPECT_TRUE(json["latency"]["sink"]["max_us"].is_null());
  hop(Counter::kHopShred, kSecond, 1);
  EXPECT_NE(view_text(view()).find("p99 2,048 us, max > 131,072 us\n"), std::string::npos)
      << view_text(view());
  json = Json::parse(view_json(view()));
  EXPECT_TRUE(json["latency"]["shred"]["max_us"].is_null());
}

TEST_F(ViewTest, HasTheLoadOfEachQueue) {
  now_.facts.receiver.queues =
      before_.facts.receiver.queues = {{"eth0", 0, 1'000, 0, 4096}, {"eth0", 1, 50, 0, 4096}};
  now_.facts.receiver.queues[0].frames += 24'080;
  now_.facts.receiver.queues[0].most_waiting = 110;  // 2.7 %
  EXPECT_NE(view_text(view()).find("\nqueues: 0: 12,040/s 3 %, 1: 0/s 0 %\n"), std::string::npos)
      << view_text(view());
  EXPECT_EQ(Json::parse(view_json(view()))["queue_load"][0], Json::parse(R"({"interface": "eth0", "queue": 0,
      "frames": {"per_second": 12040, "total": 25080}, "most_waiting": 110, "ring_entries": 4096})"));
  now_.facts.receiver.queues.push_back({"eth1", 0, 10, 4096, 4096});
  EXPECT_NE(view_text(view()).find("\nqueues: eth0/0: 12,040/s 3 %, eth0/1: 0/s 0 %, eth1/0: 0/s 100 %\n"),
            std::string::npos)
      << view_text(view());
}

TEST_F(ViewTest, ManyQueuesAreShownInLinesOfAHundredColumns) {
  for (std::uint32_t queue = 0; queue < 64; ++queue)
    now_.facts.receiver.queues.push_back({"eth0", queue, 7, 0, 4096});
  std::istringstream text(view_text(view()));
  std::size_t shown = 0;
  for (std::string line; std::getline(text, line);) {
    EXPECT_LE(line.size(), 100u) << line;
    for (std::size_t at = 0; (at = line.find("/s 0 %", at)) != std::string::npos; ++at)
      ++shown;
  }
  EXPECT_EQ(shown, 64u);
}

TEST_F(ViewTest, AnEngineThatWasStartedAnewHasNoRatesYet) {
  now_.counters = {};
  add(Counter::kPublished, 5, 0);
  const MonitorView v = view();
  EXPECT_TRUE(v.restarted);
  EXPECT_EQ(v.ports[0].fast.per_second, 0u);
  EXPECT_EQ(v.ports[0].fast.total, 5u);
  EXPECT_FALSE(v.why) << "it has received since its start";
}

TEST_F(ViewTest, IsReadAsATable) {
  now_.facts.device->rx_packets += 3'000'000;
  add(Counter::kPublished, 2'000'000, 0);
  add(Counter::kPublishedBytes, 2'456'000'000, 0);
  add(Counter::kXdpPass, 7, PENSTOCK_PORT);
  now_.facts.receiver.steps_down = {"kernel_filter, native zero-copy: EOPNOTSUPP"};
  const std::string text = view_text(view());
  EXPECT_EQ(text, R"(eth0: kernel_filter, native copy, sockets on 2 of 4 queues, companion own; ready
  stepped down from kernel_filter, native zero-copy: EOPNOTSUPP

                                        per second     since the start
frames at the interface                  1,500,000           3,000,000
port 8003                                1,000,000           2,001,000  9,824.0 Mb/s
port 8009                                        0                   0  0.0 Mb/s
passed to the host                               4                   7
  port                                           4                   7
lost                                             0                   0
CPU of threads: pen-net 0 %

datagrams come, as they should
)");
}

TEST_F(ViewTest, SaysWhatIsWrongInEveryForm) {
  now_.facts.interface_up = false;
  const MonitorView v = view();
  EXPECT_NE(view_text(v).find("; interface down\n"), std::string::npos);
  EXPECT_NE(view_text(v).find("\n! eth0 is down\n  `ip link set dev eth0 up`\n"), std::string::npos);
  EXPECT_EQ(view_line(v),
            "eth0 kernel_filter: 0 datagrams/s, lost 0; eth0 is down; `ip link set dev eth0 up`");
  const Json json = Json::parse(view_json(v));
  EXPECT_EQ(json["why"]["cause"], "interface_down");
  EXPECT_EQ(json["why"]["command"], "`ip link set dev eth0 up`");
  EXPECT_EQ(json["interface_up"], false);
}

TEST_F(ViewTest, CannotSteerATerminal) {
  now_.facts.config[0].second = "eth0\x1b[2J";
  now_.facts.receiver.steps_down = {"first\nsecond"};
  const std::string text = view_text(view());
  EXPECT_TRUE(text.starts_with("eth0?[2J: ")) << text;
  EXPECT_NE(text.find("from first?second\n"), std::string::npos) << text;
  EXPECT_TRUE(view_line(view()).starts_with("eth0?[2J "));
}

TEST_F(ViewTest, HasTheSameKeysInJsonWhateverThereIs) {
  const std::set<std::string> wanted = {
      "interface", "version", "ready",     "interface_up", "restarted",          "path",   "mode",
      "sockets",   "queues",  "companion", "steps_down",   "better_way",         "device", "ports",
      "passed",    "lost",    "shreds",    "outlet",       "thread_cpu_percent", "why",    "latency",
      "queue_load"};
  for (const bool much : {false, true}) {
    if (much) {
      now_.facts.config[2].second = "full";
      add(Counter::kPublished, 100, 1);
      now_.facts.config[0].second = "eth\xff";  // no UTF-8
    } else {
      now_.facts.device.reset();
    }
    const Json json = Json::parse(view_json(view()));
    std::set<std::string> keys;
    for (const auto& [key, value] : json.items())
      keys.insert(key);
    EXPECT_EQ(keys, wanted);
    EXPECT_EQ(json["shreds"].is_null(), !much);
  }
  EXPECT_EQ(Json::parse(view_json(view()))["ports"][1]["fast"]["total"], 100);
}

}  // namespace
}  // namespace penstock
