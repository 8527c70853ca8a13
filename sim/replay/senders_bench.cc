// Highest rate of each sender over veth into XDP_DROP at the peer: the sender's own cost, and the veth's.
// Needs root, and a machine with nothing else to do:
//
//   ci/bazel/in_netns.sh bazel-bin/sim/replay/senders_bench
//
//   flat_out/SENDER   one slot of fd-1m-small (155,776 distinct frames of 1,245 and 1,270 bytes), as fast as
//   it goes
//
// items_per_second is over the sending alone, from the first frame to the last.
#include <linux/bpf.h>
#include <linux/if_link.h>

#include <bpf/bpf.h>

#include <array>
#include <utility>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/unique_fd.h"
#include "sim/replay/senders.h"
#include "sim/topology/veth.h"
#include "sim/workload/generator.h"

namespace penstock {
namespace {

// An XDP program that drops everything, attached in native mode for as long as the descriptors live.
struct Dropper {
  UniqueFd program;
  UniqueFd link;

  explicit Dropper(unsigned ifindex) {
    const std::array<bpf_insn, 2> code = {
        bpf_insn{.code = BPF_ALU64 | BPF_MOV | BPF_K,
                 .dst_reg = BPF_REG_0,
                 .src_reg = 0,
                 .off = 0,
                 .imm = XDP_DROP},
        bpf_insn{.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
    program = UniqueFd(
        bpf_prog_load(BPF_PROG_TYPE_XDP, "drop_all", "Dual BSD/GPL", code.data(), code.size(), nullptr));
    PENSTOCK_CHECK(program);
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
    link = UniqueFd(bpf_link_create(program.get(), static_cast<int>(ifindex), BPF_XDP, &options));
    PENSTOCK_CHECK(link);
  }
};

void flat_out(benchmark::State& state, SenderKind kind) {
  const auto topology = VethTopology::create({});
  PENSTOCK_CHECK(topology.has_value());
  const VethTopology::End& sender = topology->sender();
  const VethTopology::End& receiver = topology->receiver();
  const auto dropper = run_in(receiver.ns, [&]() -> Result<Dropper> { return Dropper(receiver.index); });
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
