// What the receive loop costs a packet on the simulated ring: poll, classify, publish into an mcache, give
// the displaced frame back.
//
// Set-up of design section 4: 1,245-byte frames, UMEM of 128 MiB (65,536 frames of 2 KiB), frames handed to
// the fill ring in shuffled order, batch 64, mcache depth 16,384; the kernel's side is outside the timer. RX
// ring 16,384, filled and emptied in turn, so that a frame has long left the inner caches when it is read.
// Say the machine's L3 beside the figure: it is not a test of DRAM where the pool fits.
//
// The figure is `p50_ns`: nanoseconds a packet of the median batch. Instructions a packet, in poll():
//   valgrind --tool=callgrind --toggle-collect='penstock::XskReceive::poll()' ...
//
// Measured on two loaded cores of an AMD EPYC with 32 MiB of L3: kernel filter 49 to 54 ns and 190
// instructions, userspace filter 64 to 68 ns and 351 instructions. The goal is 25 ns.
#include <time.h>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/mcache/mcache.h"
#include "engine/receive/xsk_receive.h"
#include "engine/xsk/testing/fake_kernel.h"
#include "engine/xsk/umem.h"

namespace penstock {
namespace {

constexpr std::uint32_t kFrames = 65'536;
constexpr std::uint32_t kRxEntries = 16'384;
constexpr std::uint32_t kFillEntries = 2 * kRxEntries;
constexpr std::uint32_t kDepth = 16'384;

// All frames, by Fisher and Yates.
std::vector<std::uint32_t> shuffled() {
  std::vector<std::uint32_t> frames(kFrames);
  std::iota(frames.begin(), frames.end(), 0u);
  std::mt19937_64 random(1);
  for (std::size_t i = frames.size() - 1; i > 0; --i)
    std::swap(frames[i], frames[random() % (i + 1)]);
  return frames;
}

class Rig {
 public:
  explicit Rig(Filter filter) : umem_(*Umem::create(kFrames)), kernel_(umem_.memory()), lines_(kDepth) {
    const std::vector<std::uint32_t> frames = shuffled();
    const FakeKernel::Socket socket =
        kernel_.add_queue({.rx_entries = kRxEntries, .fill_entries = kFillEntries});
    XskReceive::Queue queue{socket.fd, FillRing(socket.fill), RxRing(socket.rx)};
    for (std::uint32_t i = 0; i < kFillEntries; ++i)
      queue.fill.push(umem_.memory().address_of(frames[i]));
    queue.fill.submit();
    const auto lend = [&frames](std::uint32_t first) {
      return [&frames, first](std::uint64_t i) {
        Frag frag;
        frag.frame = frames[first + i];
        return frag;
      };
    };
    link_ = std::make_unique<McacheProducer<Frag>>(lines_.lines(), lend(kFillEntries));
    return_link_ = std::make_unique<McacheProducer<Frag>>(return_lines_.lines(), lend(kFillEntries + kDepth));
    receive_ =
        std::make_unique<XskReceive>(XskReceive::Config{.filter = filter, .return_link = return_link_.get()},
                                     *Classifier::create(row_classifier()), umem_.memory(),
                                     std::vector<XskReceive::Queue>{queue}, kernel_, counters_);
  }

  void fill() {
    for (std::uint32_t i = 0; i < kRxEntries; ++i)
      kernel_.deliver(0, frame_);
    kernel_.flush(0);
  }

  // One turn of a net tile; the number of packets.
  std::size_t turn() {
    const std::span<const Frag> frags = receive_->poll();
    for (std::size_t i = 0; i < frags.size(); ++i) {
      displaced_[i] = link_->publish(frags[i]);
      displaced_[i].queue = frags[i].queue;
    }
    receive_->give_back(std::span(displaced_).first(frags.size()));
    return frags.size();
  }

 private:
  Umem umem_;
  FakeKernel kernel_;
  Counters counters_;
  McacheMemory lines_;
  McacheMemory return_lines_{64};
  std::unique_ptr<McacheProducer<Frag>> link_;
  std::unique_ptr<McacheProducer<Frag>> return_link_;
  std::unique_ptr<XskReceive> receive_;
  std::array<Frag, Receiver::kBatch> displaced_;
  std::vector<std::byte> frame_ = taken_frame(1'203);
};

double now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

void BM_NetTile(benchmark::State& state) {
  Rig rig(state.range(0) == 0 ? Filter::kKernel : Filter::kUserspace);
  std::vector<double> batches;  // ns a packet
  for (auto _ : state) {
    rig.fill();
    double total = 0;
    for (std::size_t packets = 0; packets < kRxEntries;) {
      const double start = now_ns();
      const std::size_t batch = rig.turn();
      const double taken = now_ns() - start;
      total += taken;
      packets += batch;
      batches.push_back(taken / static_cast<double>(batch));
    }
    state.SetIterationTime(total / 1e9);
  }
  state.SetItemsProcessed(state.iterations() * kRxEntries);
  const auto middle = batches.begin() + static_cast<std::ptrdiff_t>(batches.size() / 2);
  std::nth_element(batches.begin(), middle, batches.end());
  state.counters["p50_ns"] = *middle;
}
BENCHMARK(BM_NetTile)->ArgName("userspace")->Arg(0)->Arg(1)->UseManualTime();

}  // namespace
}  // namespace penstock
