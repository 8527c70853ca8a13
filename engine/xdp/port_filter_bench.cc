// The port filter in the kernel: filter_by_port on a frame that it takes, its ports in an array or in a hash,
// by BPF_PROG_TEST_RUN. The kernel's own clock, whole nanoseconds. program_bench has it beside everything
// else, round by round.
//
// Needs root: ci/bazel/in_netns.sh bazel-bin/engine/xdp/port_filter_bench
#include <benchmark/benchmark.h>

#include "engine/base/check.h"
#include "engine/classify/testing/frame_rows.h"
#include "engine/xdp/test_run.h"

namespace penstock {
namespace {

constexpr std::uint32_t kRepeat = 1'000'000;

void hit(benchmark::State& state) {
  const PortMap ports = state.range(0) == 0 ? PortMap::kArray : PortMap::kHash;
  const auto program = ProgramTestRun::create(*Classifier::create(row_classifier()), ports);
  PENSTOCK_CHECK(program.has_value());
  const std::vector<std::byte> frame = taken_frame(1'200);
  for (auto _ : state) {
    const Result<double> ns = program->nanoseconds(Filter::kKernel, frame, kRepeat);
    PENSTOCK_CHECK(ns.has_value());
    state.SetIterationTime(*ns * kRepeat / 1e9);
  }
  state.SetItemsProcessed(state.iterations() * kRepeat);
}
BENCHMARK(hit)->ArgName("hash")->Arg(0)->Arg(1)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penstock
