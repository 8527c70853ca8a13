// Highest rate of each sender over veth into XDP_DROP at the peer: the sender's own cost, and the veth's.
// Needs root, and a machine with nothing else to do:
//
//   ci/bazel/in_netns.sh bazel-bin/sim/replay/senders_bench
//
//   flat_out/SENDER   one slot of fd-1m-small (155,776 distinct frames of 1,245 and 1,270 bytes), as fast as
//   it goes
//
// items_per_second is over the sending alone, from the first frame to the last.
#include <utility>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "engine/base/check.h"
#include "sim/replay/senders.h"
#include "sim/topology/veth.h"
#include "sim/topology/xdp_dropper.h"
#include "sim/workload/generator.h"

namespace penstock {
namespace {

void flat_out(benchmark::State& state, SenderKind kind) {
  const auto topology = VethTopology::create({});
  PENSTOCK_CHECK(topology.has_value());
  const VethTopology::End& sender = topology->sender();
  const VethTopology::End& receiver = topology->receiver();
  const auto dropper = XdpDropper::attach(receiver.ns, receiver.index);
  const auto made = generate_unsigned(
      {.profile = find_profile("fd-1m-small").value(),
       .seed = 1,
       .link = {.sender_mac = sender.mac, .receiver_mac = receiver.mac, .receiver = receiver.address}});
  PENSTOCK_CHECK(dropper.has_value() && made.has_value());
  const ReplayConfig config{.ifindex = static_cast<int>(sender.index), .pace = Pace::kFlatOut};
  std::uint64_t lost = 0;
  for (auto _ : state) {
    const auto report = run_in(sender.ns, [&] { return replay(kind, config, made->workload); });
    PENSTOCK_CHECK(report.has_value() && report->refused == 0);
    state.SetIterationTime(static_cast<double>(report->elapsed) / kSecond);
    lost += report->ring_full;
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(made->workload.frames().size()));
  state.counters["ring_full"] = static_cast<double>(lost);
}
BENCHMARK_CAPTURE(flat_out, af_packet, SenderKind::kAfPacket)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(flat_out, live_frames, SenderKind::kLiveFrames)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(flat_out, xdp_tx, SenderKind::kXdpTx)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penstock
