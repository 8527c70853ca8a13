// Faults of the real engine while traffic flows, with both filters: the process is killed with SIGKILL, or
// its interface goes down and up. Afterwards nothing is left behind, traffic flows again, and every frame
// that crossed the wire is under one name. Needs root.
//
// What cleans up is the kernel's reference counts: the engine is a plain child of this test in a network
// namespace, and no PID namespace ends with it.
//
// A consumer in a process of its own, to be killed alone, does not exist yet (there is no shared-memory
// sink): net, sink, shred and return tile are threads of one process, and the kill of that is the kill of
// each.
//
// No time is measured. The only frames to the receiver are the trickle's: no IPv6, fixed neighbours.
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/host/engine_process.h"
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

class EngineFaults : public ::testing::TestWithParam<Path> {
 protected:
  void start_engine() {
    engine_.emplace(
        value_of(EngineProcess::start(receiver_, {.program = kEngine, .path = GetParam(), .port = kPort})));
  }

  void expect_traffic() {
    const std::uint64_t before = published();
    for (int i = 0; i < 2'000 && published() <= before + 100; ++i)
      usleep(10'000);
    EXPECT_GT(published(), before + 100) << "waited in vain for datagrams by the fast path";
  }

  std::uint64_t published() const { return value_of(engine_->counters()).sum("published"); }

  // Frames at the program, when nothing flows any more.
  std::uint64_t frames_at_rest() const {
    const auto device = value_of(PortCounterReader::open(receiver_.ns, receiver_.interface));
    return value_of(wait_for_quiesce([&] { return device.read(); }, 20 * kSecond, 250 * kMillisecond))
        .xdp_packets.value;
  }

  // Stops traffic and engine. Returns how many frames came since `frames_before`.
  std::uint64_t end_with_accounts_closed(std::uint64_t frames_before) {
    trickle_->stop();
    const std::uint64_t frames = frames_at_rest() - frames_before;
    const EngineCounters c = value_of(engine_->stop());
    testing::expect_engine_accounts_closed(c, frames);
    EXPECT_EQ(c.get("rx_ring_full") + c.get("rx_dropped") + c.get("slow_way_dropped"), 0u);
    EXPECT_EQ(frames, c.sum("published") + c.sum("slow_way_published")) << "all are ours";
    return frames;
  }

  void set_link(const std::string& state) const {
    value_of(check_program({.arguments = {"ip", "link", "set", receiver_.interface, state},
                            .network_namespace = receiver_.ns.fd()}));
  }

  const VethTopology topology_ = value_of(VethTopology::create({}));
  const VethTopology::End& receiver_ = topology_.receiver();
  std::optional<EngineProcess> engine_;
  std::unique_ptr<Trickle> trickle_;
};

TEST_P(EngineFaults, KilledUnderTrafficItLeavesNothingAndTheNextOneReceives) {
  const KernelObjects before = value_of(KernelObjects::snapshot());
  start_engine();
  const std::vector<std::string> added = value_of(KernelObjects::snapshot()).added_since(before);
  ASSERT_FALSE(added.empty());
  trickle_ = std::make_unique<Trickle>(topology_, kPort);
  expect_traffic();
  engine_->program().kill();
  const Status gone = wait_until_gone(added, 60 * kSecond);
  EXPECT_TRUE(gone) << gone.error().message();

  trickle_->stop();  // what was sent to nobody is no account of the next engine
  const std::uint64_t frames = frames_at_rest();
  start_engine();
  trickle_ = std::make_unique<Trickle>(topology_, kPort);
  expect_traffic();
  const std::uint64_t received = end_with_accounts_closed(frames);
  EXPECT_EQ(received, trickle_->sent());
}

TEST_P(EngineFaults, AnInterfaceThatGoesDownAndUpUnderTrafficIsSurvived) {
  start_engine();
  trickle_ = std::make_unique<Trickle>(topology_, kPort);
  expect_traffic();
  for (int i = 0; i < 3; ++i) {
    set_link("down");
    usleep(50'000);  // so that frames are sent meanwhile, and the engine asks; nothing depends on it
    set_link("up");
    expect_traffic();
  }
  // Frames sent while the link was down never reached it.
  const std::uint64_t received = end_with_accounts_closed(0);
  EXPECT_LT(received, trickle_->sent());
}

INSTANTIATE_TEST_SUITE_P(, EngineFaults, ::testing::Values(Path::kKernelFilter, Path::kUserspaceFilter),
                         [](const auto& path) {
                           return path.param == Path::kKernelFilter ? "KernelFilter" : "UserspaceFilter";
                         });

}  // namespace
}  // namespace penstock
