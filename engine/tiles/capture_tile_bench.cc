// What a captured datagram costs the capture thread: 1,228 bytes of payload, batches of 64, into files of
// 64 MiB of which two are kept, in $TMPDIR or /tmp. Publishing is outside the timer. Real time, since a disk
// may be waited for.
#include <stdlib.h>

#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>

#include "engine/base/check.h"
#include "engine/tiles/capture_tile.h"

namespace penstock {
namespace {

constexpr std::uint32_t kDepth = 4096;

void capture(benchmark::State& state) {
  std::string folder = std::filesystem::temp_directory_path() / "capture_bench.XXXXXX";
  PENSTOCK_CHECK(mkdtemp(folder.data()) != nullptr);
  Umem umem = *Umem::create(kDepth);
  McacheMemory lines(kDepth);
  McacheProducer<Frag> link(lines.lines(), [](std::uint64_t) { return Frag{}; });
  auto files =
      RotatingCapture::open(folder, {.file_bytes = 64u << 20, .files = 2}, CaptureTile::interfaces("eth0"));
  PENSTOCK_CHECK(files.has_value());
  CaptureTile tile(umem.memory(), std::move(*files));
  tile.read(lines.lines());
  std::uint32_t frame = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (std::size_t i = 0; i < CaptureTile::kBatch; ++i) {
      Frag frag;
      frag.frame = frame++ % kDepth;
      frag.offset = kXdpHeadroom + 42;
      frag.length = 1228;
      link.publish(frag);
    }
    state.ResumeTiming();
    PENSTOCK_CHECK(tile.step(0) == CaptureTile::kBatch);
  }
  PENSTOCK_CHECK(tile.trouble().empty());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(CaptureTile::kBatch));
  std::filesystem::remove_all(folder);
}
BENCHMARK(capture)->Iterations(2000)->UseRealTime();

}  // namespace
}  // namespace penstock
