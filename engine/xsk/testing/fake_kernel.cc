// Copy-mode AF_XDP receive, after net/xdp/xsk.c.
#include "engine/xsk/testing/fake_kernel.h"

#include <cstring>
#include <optional>
#include <utility>

#include "engine/base/check.h"

namespace penstock {

struct FakeKernel::Queue {
  // Shared memory: what the kernel would map.
  std::uint32_t fill_producer, fill_consumer, fill_flags = 0;
  std::uint32_t rx_producer, rx_consumer, rx_flags = 0;
  std::vector<std::uint64_t> fill_entries;
  std::vector<xdp_desc> rx_entries;

  // The kernel's side of it.
  ConsumerRing<std::uint64_t> fill;
  ProducerRing<xdp_desc> rx;
  std::uint32_t fill_taken;            // what `fill` has popped: ahead of fill_consumer until a flush
  std::optional<std::uint32_t> spare;  // taken from the fill ring, then the RX ring was full
  bool to_flush = false;               // a frame was received since the last flush
  xdp_statistics statistics{};

  explicit Queue(const FakeQueueConfig& config)
      : fill_producer(config.first_index),
        fill_consumer(config.first_index),
        rx_producer(config.first_index),
        rx_consumer(config.first_index),
        fill_entries(config.fill_entries),
        rx_entries(config.rx_entries),
        fill(fill_memory()),
        rx(rx_memory()),
        fill_taken(config.first_index) {}

  RingMemory<std::uint64_t> fill_memory() {
    return {&fill_producer, &fill_consumer, &fill_flags, fill_entries.data(),
            static_cast<std::uint32_t>(fill_entries.size())};
  }
  RingMemory<xdp_desc> rx_memory() {
    return {&rx_producer, &rx_consumer, &rx_flags, rx_entries.data(),
            static_cast<std::uint32_t>(rx_entries.size())};
  }

  // Whether there is a chunk to fill. Bad addresses in front of the next good one are skipped silently.
  bool has_frame(const FrameMemory& memory) {
    if (spare) return true;
    while (look_into_fill_ring() > 0) {
      if (fill.peek(0) < memory.bytes()) return true;
      pop_fill();
    }
    return false;
  }

  std::optional<std::uint32_t> take_frame(const FrameMemory& memory) {
    if (!has_frame(memory)) return std::nullopt;
    if (spare) return std::exchange(spare, std::nullopt);
    const std::uint64_t address = fill.peek(0);
    pop_fill();
    return memory.frame_at(address);
  }

  // As xskq_cons_get_entries(): whoever has used up what it knew of shows that before it looks for more.
  std::uint32_t look_into_fill_ring() {
    if (fill.available(0) == 0) fill.release();
    return fill.available(1);
  }

  void pop_fill() {
    fill.pop(1);
    ++fill_taken;
  }
};

FakeKernel::FakeKernel(const FrameMemory& memory) : memory_(memory) {}

FakeKernel::~FakeKernel() = default;

FakeKernel::Queue& FakeKernel::queue(int fd) {
  PENSTOCK_CHECK(fd >= 0 && static_cast<std::size_t>(fd) < queues_.size());
  return *queues_[static_cast<std::size_t>(fd)];
}

FakeKernel::Socket FakeKernel::add_queue(const FakeQueueConfig& config) {
  queues_.push_back(std::make_unique<Queue>(config));
  Queue& added = *queues_.back();
  return {static_cast<int>(queues_.size()) - 1, added.fill_memory(), added.rx_memory()};
}

FakeKernel::Outcome FakeKernel::deliver(int fd, std::span<const std::byte> frame) {
  Queue& q = queue(fd);
  if (frame.size() > usable_frame_bytes(memory_.frame_bytes)) {
    ++q.statistics.rx_dropped;
    return Outcome::kTooLong;
  }
  const std::optional<std::uint32_t> chunk = q.take_frame(memory_);
  if (!chunk) {
    ++q.statistics.rx_fill_ring_empty_descs;
    ++q.statistics.rx_dropped;
    return Outcome::kFillRingEmpty;
  }
  if (q.rx.room(1) == 0) {
    q.spare = chunk;
    ++q.statistics.rx_ring_full;
    return Outcome::kRxRingFull;
  }
  const std::uint64_t address = memory_.address_of(*chunk) + kXdpHeadroom;
  std::memcpy(memory_.base + address, frame.data(), frame.size());
  q.rx.push({address, static_cast<std::uint32_t>(frame.size()), 0});
  q.to_flush = true;
  return Outcome::kQueued;
}

void FakeKernel::flush(int fd) {
  Queue& q = queue(fd);
  if (!std::exchange(q.to_flush, false)) return;
  q.rx.submit();
  q.fill.release();
}

bool FakeKernel::has_frame_to_fill(int fd) {
  return queue(fd).has_frame(memory_);
}

void FakeKernel::count_failed_take(int fd) {
  ++queue(fd).statistics.rx_fill_ring_empty_descs;
}

void FakeKernel::inject_descriptor(int fd, const xdp_desc& descriptor) {
  Queue& q = queue(fd);
  PENSTOCK_CHECK(q.rx.room(1) > 0);
  q.rx.push(descriptor);
  q.rx.submit();
}

void FakeKernel::ask_for_wakeup(int fd) {
  queue(fd).fill_flags |= XDP_RING_NEED_WAKEUP;
}

std::vector<std::uint32_t> FakeKernel::frames_held() const {
  std::vector<std::uint32_t> held;
  for (const auto& q : queues_) {
    if (q->spare) held.push_back(*q->spare);
  }
  return held;
}

std::vector<std::uint32_t> FakeKernel::frames_in_rings() const {
  std::vector<std::uint32_t> frames;
  for (const auto& q : queues_) {
    for (std::uint32_t i = q->fill_taken; i != q->fill_producer; ++i)
      frames.push_back(memory_.frame_at(q->fill_entries[i & (q->fill_entries.size() - 1)]));
    for (std::uint32_t i = q->rx_consumer; i != q->rx_producer; ++i)
      frames.push_back(memory_.frame_at(q->rx_entries[i & (q->rx_entries.size() - 1)].addr));
  }
  return frames;
}

int FakeKernel::wake_rx(int fd) {
  ++wakeups_;
  if (wakeup_errno_ != 0) return wakeup_errno_;
  queue(fd).fill_flags &= ~static_cast<std::uint32_t>(XDP_RING_NEED_WAKEUP);
  return 0;
}

int FakeKernel::wait(std::span<const int> fds, Nanoseconds /*timeout*/) {
  ++waits_;
  int ready = 0;
  for (const int fd : fds) {
    const Queue& q = queue(fd);
    if (q.rx_producer != q.rx_consumer) ++ready;
  }
  return ready;
}

int FakeKernel::statistics(int fd, xdp_statistics& out) {
  out = queue(fd).statistics;
  return 0;
}

}  // namespace penstock
