// The dead-man's switch from outside: the engine hangs, and the host goes on.
//
// The engine is a process behind a veth, with either scope of the userspace filter. Shreds trickle in, both
// hosts ping each other, and a file is downloaded each way, at a rate that makes it last. Then
//
//   the engine is stopped (SIGSTOP), all of it; or
//   its return tile alone is stalled (ptrace), while its net tile goes round and round; or
//   the engine is killed (SIGKILL).
//
// The switch trips at 100 ms. What is asserted while the engine hangs, after that: every ping is answered,
// and the downloads grow. Afterwards, with the engine going on: downloads whole, no ping lost but those that
// may have been under way in the window before the switch tripped, shreds by the fast path again, every shred
// and every frame accounted for.
//
// That it can fail: with a switch that is kept from tripping (by whoever writes the engine's clock into the
// program's memory while the engine stands) the same pings get no answer: WithoutTheSwitchTheHostIsCutOff.
//
// No time is measured. A busy machine makes this slower, and only a host that is cut off fails it.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/testing/thread_stall.h"
#include "sim/host/engine_process.h"
#include "sim/host/http.h"
#include "sim/host/ping.h"
#include "sim/host/testing/defeated_switch.h"
#include "sim/host/testing/engine_accounts.h"
#include "sim/host/testing/trickle.h"
#include "sim/topology/leaks/kernel_objects.h"
#include "sim/topology/port_counters.h"
#include "sim/topology/quiesce.h"
#include "sim/topology/subprocess.h"
#include "sim/topology/testing/value_of.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

using testing::value_of;

constexpr char kEngine[] = "engine/penstock";  // in the runfiles, where tests start
constexpr std::uint16_t kPort = 8003;
constexpr std::uint64_t kFileBytes = 16'000'000;
constexpr std::uint64_t kBytesPerSecond = 8'000'000;
constexpr PingConfig kPings{.count = 200, .interval = 10 * kMillisecond};
// Requests of one direction that are sent while the switch may not have tripped yet: 100 ms, one tick of the
// coarse clock, and as much again for a machine that is busy.
constexpr std::uint64_t kPingsInTheWindow = 22;

void sleep_for(Nanoseconds duration) {
  std::this_thread::sleep_for(std::chrono::nanoseconds(duration));
}

class DeadManTest : public ::testing::Test {
 protected:
  void start_engine(Path path, TakeScope scope) {
    engine_.emplace(value_of(EngineProcess::start(
        receiver_,
        {.program = kEngine, .path = path, .scope = scope, .port = kPort, .on_stall = OnStall::kReport})));
  }

  void start_traffic() {
    trickle_ = std::make_unique<Trickle>(topology_, kPort);
    server_in_.emplace(value_of(FileServer::start(sender_.ns, sender_.address.to_string(), kFileBytes, 1)));
    server_out_.emplace(
        value_of(FileServer::start(receiver_.ns, receiver_.address.to_string(), kFileBytes, 2)));
    download_.emplace(value_of(Download::start(receiver_.ns, server_in_->url(), kBytesPerSecond)));
    upload_.emplace(value_of(Download::start(sender_.ns, server_out_->url(), kBytesPerSecond)));
    ping_in_.emplace(value_of(Ping::start(sender_.ns, receiver_.address.to_string(), kPings)));
    ping_out_.emplace(value_of(Ping::start(receiver_.ns, sender_.address.to_string(), kPings)));
    wait_until("the fast path has shreds", [this] { return counters().sum("published") > 200; });
    wait_until("both downloads run", [this] { return downloaded() > 2 * kBytesPerSecond / 10; });
  }

  template <typename Condition>
  void wait_until(const char* what, Condition&& condition) {
    for (int i = 0; i < 20'000; ++i) {
      if (condition()) return;
      sleep_for(kMillisecond);
    }
    FAIL() << "waited in vain until " << what;
  }

  EngineCounters counters() const { return value_of(engine_->counters()); }

  std::uint64_t downloaded() const { return download_->bytes_so_far() + upload_->bytes_so_far(); }

  std::uint64_t interfaces_of_receiver() const {
    const std::string links = value_of(
        check_program({.arguments = {"ip", "-oneline", "link"}, .network_namespace = receiver_.ns.fd()}));
    return static_cast<std::uint64_t>(std::count(links.begin(), links.end(), '\n'));
  }

  // The engine hangs: what the host does without it.
  void expect_host_goes_on() {
    sleep_for(300 * kMillisecond);  // well behind the window
    const std::uint64_t before = downloaded();
    const PingConfig few{.count = 20, .interval = 10 * kMillisecond};
    const PingResult in = value_of(ping(sender_.ns, receiver_.address.to_string(), few));
    const PingResult out = value_of(ping(receiver_.ns, sender_.address.to_string(), few));
    EXPECT_EQ(in.lost(), 0u);
    EXPECT_EQ(out.lost(), 0u);
    wait_until("the downloads go on", [&] { return downloaded() > before + 100'000; });
  }

  void expect_traffic_ended_well() {
    const DownloadResult in = value_of(download_->finish(120 * kSecond));
    const DownloadResult out = value_of(upload_->finish(120 * kSecond));
    EXPECT_EQ(in.bytes, kFileBytes);
    EXPECT_EQ(in.sha256, server_in_->sha256());
    EXPECT_EQ(out.bytes, kFileBytes);
    EXPECT_EQ(out.sha256, server_out_->sha256());
    for (std::optional<Ping>* ping : {&ping_in_, &ping_out_}) {
      const PingResult result = value_of((*ping)->finish());
      EXPECT_EQ(result.sent, kPings.count);
      EXPECT_LE(result.lost(), kPingsInTheWindow);
      EXPECT_EQ(result.duplicates, 0u);
    }
  }

  void expect_fast_path_again() {
    const std::uint64_t before = counters().sum("published");
    wait_until("the fast path has shreds again", [&] { return counters().sum("published") > before + 100; });
  }

  // The whole story of a stop that the host must not notice.
  void stop_and_go_on(Path path, TakeScope scope) {
    start_engine(path, scope);
    start_traffic();
    ASSERT_TRUE(engine_->program().signal(SIGSTOP));
    expect_host_goes_on();
    ASSERT_TRUE(engine_->program().signal(SIGCONT));
    expect_fast_path_again();
    expect_traffic_ended_well();
  }

  // Every shred and every frame under one name, once all is still.
  EngineCounters expect_accounts_closed() {
    const std::uint64_t shreds = trickle_->stop();
    const auto device = value_of(PortCounterReader::open(receiver_.ns, receiver_.interface));
    const PortCounters still =
        value_of(wait_for_quiesce([&] { return device.read(); }, 20 * kSecond, 250 * kMillisecond));
    const auto far = value_of(PortCounterReader::open(sender_.ns, sender_.interface));
    const PortCounters sent = value_of(far.read());
    EngineCounters c = value_of(engine_->stop());
    testing::expect_engine_accounts_closed(c, still.xdp_packets.value);
    // The last is the veth's own ring, which the downloads fill as well.
    const std::uint64_t lost =
        c.get("rx_ring_full") + c.get("rx_dropped") + c.get("slow_way_dropped") + sent.tx_dropped;
    if (lost == 0) {
      EXPECT_EQ(shreds, c.sum("published") + c.sum("slow_way_published"))
          << sent.tx_packets << " frames sent, " << still.xdp_packets << " at the program";
    } else {
      EXPECT_LE(shreds, c.sum("published") + c.sum("slow_way_published") + lost);
    }
    return c;
  }

  const VethTopology topology_ = value_of(VethTopology::create({}));
  const VethTopology::End& sender_ = topology_.sender();
  const VethTopology::End& receiver_ = topology_.receiver();
  std::optional<EngineProcess> engine_;
  std::optional<FileServer> server_in_, server_out_;
  std::optional<Download> download_, upload_;
  std::optional<Ping> ping_in_, ping_out_;
  std::unique_ptr<Trickle> trickle_;
};

class UserspaceFilter : public DeadManTest, public ::testing::WithParamInterface<TakeScope> {};

INSTANTIATE_TEST_SUITE_P(, UserspaceFilter, ::testing::Values(TakeScope::kAll, TakeScope::kUdp),
                         [](const auto& scope) { return scope.param == TakeScope::kAll ? "All" : "Udp"; });

TEST_P(UserspaceFilter, AStoppedEngineLeavesTheHostToItself) {
  ASSERT_NO_FATAL_FAILURE(stop_and_go_on(Path::kUserspaceFilter, GetParam()));
  const EngineCounters counters = expect_accounts_closed();
  EXPECT_GT(counters.get("xdp_pass{engine_stalled}"), 0u);
}

TEST_P(UserspaceFilter, AStalledReturnTileLeavesTheHostToItself) {
  start_engine(Path::kUserspaceFilter, GetParam());
  start_traffic();
  {
    const auto stall = ThreadStall::begin(engine_->pid(), "pen-return");
    ASSERT_TRUE(stall) << stall.error().message();
    expect_host_goes_on();
    // The net tile is alive: what passes to the engine's port comes by the companion socket.
    const std::uint64_t slow = counters().sum("slow_way_published");
    wait_until("shreds come the slow way", [&] { return counters().sum("slow_way_published") > slow + 100; });
  }
  expect_fast_path_again();
  expect_traffic_ended_well();
  const EngineCounters counters = expect_accounts_closed();
  EXPECT_GT(counters.get("xdp_pass{engine_stalled}"), 0u);
  EXPECT_EQ(counters.get("overrun{return}"), 0u);
}

// The control: with a filter in the kernel nothing of the host's ever waits for the engine.
TEST_F(DeadManTest, TheKernelFilterNeedsNoSwitch) {
  ASSERT_NO_FATAL_FAILURE(stop_and_go_on(Path::kKernelFilter, TakeScope::kAll));
  const EngineCounters counters = expect_accounts_closed();
  EXPECT_EQ(counters.get("xdp_pass{engine_stalled}"), 0u);
}

// The planted fault. Without the switch the same stop cuts the host off: no ping is answered, in any
// direction.
TEST_F(DeadManTest, WithoutTheSwitchTheHostIsCutOff) {
  start_engine(Path::kUserspaceFilter, TakeScope::kAll);
  const PingConfig few{.count = 5, .interval = 10 * kMillisecond};
  const auto ping_both_ways = [&] {
    return value_of(ping(sender_.ns, receiver_.address.to_string(), few)).received +
           value_of(ping(receiver_.ns, sender_.address.to_string(), few)).received;
  };
  EXPECT_EQ(ping_both_ways(), 10u);
  ASSERT_TRUE(engine_->program().signal(SIGSTOP));
  const Status defeated = testing::defeat_switch(receiver_);
  ASSERT_TRUE(defeated) << defeated.error().message();
  sleep_for(300 * kMillisecond);
  EXPECT_EQ(ping_both_ways(), 0u);
  ASSERT_TRUE(engine_->program().signal(SIGCONT));
  EXPECT_EQ(ping_both_ways(), 10u);
}

// Law 4 for the engine's process: the kernel takes away whatever it had, and the host never notices.
TEST_P(UserspaceFilter, AKilledEngineLeavesNothingAndTheHostGoesOn) {
  const KernelObjects before = value_of(KernelObjects::snapshot());
  start_engine(Path::kUserspaceFilter, GetParam());
  const std::vector<std::string> added = value_of(KernelObjects::snapshot()).added_since(before);
  EXPECT_NE(std::find_if(added.begin(), added.end(),
                         [](const std::string& name) { return name.find(" take_all") != std::string::npos; }),
            added.end());
  EXPECT_EQ(interfaces_of_receiver(), 3u) << "lo, the link, and the engine's TAP";
  start_traffic();
  engine_->program().kill();
  expect_host_goes_on();
  expect_traffic_ended_well();
  EXPECT_EQ(interfaces_of_receiver(), 2u);
  const Status gone = wait_until_gone(added, 60 * kSecond);
  EXPECT_TRUE(gone) << gone.error().message();
}

}  // namespace
}  // namespace penstock
