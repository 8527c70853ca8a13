// A fake kernel: the other end of AF_XDP rings, on ordinary memory.
//
// It plays what Linux does in copy mode (net/xdp/xsk.c: xsk_rcv, xsk_flush), so that the engine's
// receive path runs without root and without a NIC, with the very same loads and stores:
//
//   - a frame longer than a chunk's usable bytes: rx_dropped;
//   - fill ring empty: rx_fill_ring_empty_descs and rx_dropped, both, as Linux counts it;
//   - RX ring full: rx_ring_full, and the frame's chunk is kept and used first the next time;
//   - a fill entry outside the UMEM is skipped without a trace;
//   - RX descriptors become visible at flush(), the end of a NAPI poll, not one by one; a poll that received
//     nothing on the socket has no flush;
//   - what was taken from the fill ring is shown at a flush, and before the kernel looks whether there is
//   more:
//     so it may have a chunk which the fill ring still shows.
//
// sim/nic_model/kernel_facts.h holds this to Linux.
//
// It also keeps the book of law 3: which chunk is in which place.
//
// Thread safety: none; the fake and the engine take turns in one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/xsk/ring.h"
#include "engine/xsk/system.h"
#include "engine/xsk/umem.h"

namespace penstock {

struct FakeQueueConfig {
  std::uint32_t rx_entries = 64;
  std::uint32_t fill_entries = 128;
  std::uint32_t first_index = 0;  // where all four indices start: near 2^32 to test the wrap
};

class FakeKernel final : public XskSystem {
 public:
  // The engine's view of one fake socket; `fd` names it in XskSystem calls.
  struct Socket {
    int fd;
    RingMemory<std::uint64_t> fill;
    RingMemory<xdp_desc> rx;
  };

  // What became of a delivered frame.
  enum class Outcome : std::uint8_t { kQueued, kTooLong, kFillRingEmpty, kRxRingFull };

  // The memory is borrowed and must outlive the fake.
  explicit FakeKernel(const FrameMemory& memory);
  ~FakeKernel() override;

  Socket add_queue(const FakeQueueConfig& config);

  // Receives one frame on a queue, as xsk_rcv() does. Not visible to the engine before flush().
  Outcome deliver(int fd, std::span<const std::byte> frame);
  void flush(int fd);

  // For drivers that look before they receive: whether a frame could be filled now, and the count of a look
  // in vain (rx_fill_ring_empty_descs alone: no packet is lost by it).
  bool has_frame_to_fill(int fd);
  void count_failed_take(int fd);

  // Writes a descriptor of the test's choice into the RX ring, for what a broken kernel or driver
  // might do. REQUIRES: room in the RX ring.
  void inject_descriptor(int fd, const xdp_desc& descriptor);

  // Makes needs_wakeup() true on the queue's fill ring until the engine wakes it.
  void ask_for_wakeup(int fd);

  // Chunks that are in the kernel's hands: taken from the fill ring and in no RX descriptor.
  std::vector<std::uint32_t> frames_held() const;
  // Chunks in the fill rings, as far as the kernel has not taken them, and in the RX rings, once for each
  // time they stand there.
  std::vector<std::uint32_t> frames_in_rings() const;

  std::uint64_t wakeups() const { return wakeups_; }
  std::uint64_t waits() const { return waits_; }
  // The errno that wake_rx() answers from now on; 0 for success.
  void fail_wakeups_with(int code) { wakeup_errno_ = code; }

  int wake_rx(int fd) override;
  int wait(std::span<const int> fds, Nanoseconds timeout) override;
  int statistics(int fd, xdp_statistics& out) override;

 private:
  struct Queue;

  Queue& queue(int fd);

  FrameMemory memory_;
  std::vector<std::unique_ptr<Queue>> queues_;
  std::uint64_t wakeups_ = 0;
  std::uint64_t waits_ = 0;
  int wakeup_errno_ = 0;
};

}  // namespace penstock
