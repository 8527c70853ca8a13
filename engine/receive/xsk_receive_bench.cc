// What the receive loop costs a packet on the simulated ring: poll, classify, publish into an mcache, give
// the displaced frame back. This is the "engine ceiling" of docs/performance.md, which has the figures.
//
// Set-up: 1,245-byte frames, UMEM of 128 MiB (65,536 frames of 2 KiB), frames handed to the fill ring in
// shuffled order, batch 64, mcache depth 16,384; the kernel's side is outside the timer. RX ring 16,384,
// filled and emptied in turn, so that a frame has long left the inner caches when it is read. Say the
// machine's L3 beside the figure: it is not a test of DRAM where the pool fits.
//
//   naive     the same rings and mcache by the shortest loop there can be: no check of a descriptor, no
//                verdict, no port table, no address in the metadata, no counter. In-run baseline:
//     prefetch:0   each frame's header is loaded when its turn comes
//     prefetch:1   the headers of a batch are prefetched first
//     prefetch:2   they are prefetched XskReceive::kAhead descriptors before their turn, as in the engine
//   net_tile   the engine's own loop
//
// The figure is `p50_ns`: nanoseconds a packet of the median batch. A run is of 2^21 packets, so instructions
// a packet are callgrind's "Collected" by 2^21:
//   valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect='*::EngineLoop::turn()'
//       bazel-bin/engine/receive/xsk_receive_bench --benchmark_filter=userspace:0
#include <time.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/mcache/mcache.h"
#include "engine/receive/xsk_receive.h"
#include "engine/tiles/port_links.h"
#include "engine/xsk/testing/fake_kernel.h"
#include "engine/xsk/umem.h"

namespace penstock {
namespace {

constexpr std::uint32_t kFrames = 65'536;
constexpr std::uint32_t kRxEntries = 16'384;
constexpr std::uint32_t kFillEntries = 2 * kRxEntries;
constexpr std::uint32_t kDepth = 16'384;
constexpr std::uint32_t kReturnDepth = 64;
constexpr int kRounds = 128;  // of the RX ring filled and emptied

// What both loops run over: frames and one queue with the fake kernel behind it. The first kDepth frames are
// for a link, the next kReturnDepth for the return link, and as many as the fill ring holds are in it.
class Bed {
 public:
  Bed() : umem_(*Umem::create(kFrames)), kernel_(umem_.memory()) {
    const FakeKernel::Socket socket =
        kernel_.add_queue({.rx_entries = kRxEntries, .fill_entries = kFillEntries});
    queue_ = {socket.fd, FillRing(socket.fill), RxRing(socket.rx)};
    for (std::uint32_t i = 0; i < kFillEntries; ++i)
      queue_.fill.push(memory().address_of(kDepth + kReturnDepth + i));
    queue_.fill.submit();
  }

  void fill() {
    for (std::uint32_t i = 0; i < kRxEntries; ++i)
      kernel_.deliver(0, frame_);
    kernel_.flush(0);
  }

  FakeKernel& kernel() { return kernel_; }
  const FrameMemory& memory() const { return umem_.memory(); }
  XskReceive::Queue& queue() { return queue_; }

 private:
  Umem umem_;
  FakeKernel kernel_;
  XskReceive::Queue queue_;
  std::vector<std::byte> frame_ = taken_frame(1'203);
};

// Puts the frames from `first` on into the lines of a link.
auto lend(std::uint32_t first) {
  return [first](std::uint64_t i) {
    Frag frag;
    frag.frame = first + static_cast<std::uint32_t>(i);
    return frag;
  };
}

class EngineLoop {
 public:
  EngineLoop(Bed& bed, Filter filter)
      : return_link_(return_lines_.lines(), lend(kDepth)),
        links_(1, kDepth, 0),
        receive_({.filter = filter, .return_link = &return_link_}, *Classifier::create(row_classifier()),
                 bed.memory(), {bed.queue()}, bed.kernel(), counters_) {}

  // One turn of a net tile; the number of packets. Not inlined: callgrind looks for it by its name.
  [[gnu::noinline]] std::size_t turn() {
    const std::span<const Frag> frags = receive_.poll();
    receive_.give_back(links_.take(frags));
    return frags.size();
  }

  // Receives a ring full; the displaced frames are to be given back.
  void receive_ring(std::vector<std::uint32_t>& displaced) {
    for (std::uint32_t packets = 0; packets < kRxEntries;) {
      const std::span<const Frag> batch = links_.take(receive_.poll());
      for (const Frag& frag : batch)
        displaced.push_back(frag.frame);
      packets += static_cast<std::uint32_t>(batch.size());
    }
  }
  void give_back(std::uint32_t frame) {
    Frag frag;
    frag.frame = frame;
    receive_.give_back({&frag, 1});
  }

 private:
  McacheMemory return_lines_{kReturnDepth};
  McacheProducer<Frag> return_link_;
  PortLinks links_;
  Counters counters_;
  XskReceive receive_;
};

class NaiveLoop {
 public:
  enum class Prefetch : std::uint8_t { kNone, kBatch, kAhead };

  NaiveLoop(Bed& bed, Prefetch prefetch)
      : link_(lines_.lines(), lend(0)), memory_(bed.memory()), queue_(bed.queue()), prefetch_(prefetch) {}

  [[gnu::noinline]] std::size_t turn() {
    constexpr std::uint32_t kAhead = XskReceive::kAhead;
    const std::uint32_t known = queue_.rx.available(Receiver::kBatch + kAhead);
    const std::uint32_t batch = std::min<std::uint32_t>(known, Receiver::kBatch);
    for (std::uint32_t i = 0; prefetch_ == Prefetch::kBatch && i < batch; ++i)
      __builtin_prefetch(memory_.base + queue_.rx.peek(i).addr);
    for (std::uint32_t i = 0; i < batch; ++i) {
      if (prefetch_ == Prefetch::kAhead && i + kAhead < known)
        __builtin_prefetch(memory_.base + queue_.rx.peek(i + kAhead).addr);
      const xdp_desc& descriptor = queue_.rx.peek(i);
      const std::byte* frame = memory_.base + descriptor.addr;
      Frag frag;
      frag.frame = memory_.frame_at(descriptor.addr);
      frag.offset = kXdpHeadroom + PENSTOCK_PAYLOAD_OFFSET;
      frag.length = PENSTOCK_NET16(penstock_load16(frame + PENSTOCK_PAYLOAD_OFFSET - 4)) - 8;
      frag.destination_port = PENSTOCK_NET16(penstock_load16(frame + PENSTOCK_PAYLOAD_OFFSET - 6));
      queue_.fill.push(memory_.address_of(link_.publish(frag).frame));
    }
    queue_.rx.pop(batch);
    queue_.rx.release();
    queue_.fill.submit();
    return batch;
  }

  void receive_ring(std::vector<std::uint32_t>& displaced) {
    for (std::uint32_t i = queue_.rx.available(kRxEntries); i > 0; --i) {
      Frag frag;
      frag.frame = memory_.frame_at(queue_.rx.peek(0).addr);
      displaced.push_back(link_.publish(frag).frame);
      queue_.rx.pop(1);
    }
    queue_.rx.release();
  }
  void give_back(std::uint32_t frame) {
    queue_.fill.push(memory_.address_of(frame));
    queue_.fill.submit();
  }

 private:
  McacheMemory lines_{kDepth};
  McacheProducer<Frag> link_;
  FrameMemory memory_;
  XskReceive::Queue queue_;
  Prefetch prefetch_;
};

double now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// Takes every frame out of its order: several times all but those in the lines are taken out, and put back in
// an order by Fisher and Yates.
template <typename Loop>
void shuffle_frames(Bed& bed, Loop& loop) {
  std::mt19937_64 random(1);
  std::vector<std::uint32_t> frames;
  for (int round = 0; round < 4; ++round) {
    frames.clear();
    while (frames.size() < kFillEntries) {
      bed.fill();
      loop.receive_ring(frames);
    }
    for (std::size_t i = frames.size(); i > 1; --i)
      std::swap(frames[i - 1], frames[random() % i]);
    for (const std::uint32_t frame : frames)
      loop.give_back(frame);
  }
}

// Empties the RX ring batch by batch, as often as asked.
template <typename Loop>
void measure(benchmark::State& state, Bed& bed, Loop& loop) {
  shuffle_frames(bed, loop);
  std::vector<double> batches;  // ns a packet
  batches.reserve(std::size_t{kRounds} * kRxEntries / Receiver::kBatch);
  for (auto _ : state) {
    bed.fill();
    double total = 0;
    for (std::size_t packets = 0; packets < kRxEntries;) {
      const double start = now_ns();
      const std::size_t batch = loop.turn();
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

void naive(benchmark::State& state) {
  Bed bed;
  NaiveLoop loop(bed, static_cast<NaiveLoop::Prefetch>(state.range(0)));
  measure(state, bed, loop);
}
BENCHMARK(naive)->ArgName("prefetch")->DenseRange(0, 2)->Iterations(kRounds)->UseManualTime();

void net_tile(benchmark::State& state) {
  Bed bed;
  EngineLoop loop(bed, state.range(0) == 0 ? Filter::kKernel : Filter::kUserspace);
  measure(state, bed, loop);
}
BENCHMARK(net_tile)->ArgName("userspace")->Arg(0)->Arg(1)->Iterations(kRounds)->UseManualTime();

}  // namespace
}  // namespace penstock
