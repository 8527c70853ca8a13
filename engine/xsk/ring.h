// The AF_XDP rings, one side each.
//
// A ring is a power-of-two array of entries in memory that the kernel and the engine share, with a
// producer and a consumer index that run freely through 32 bits. One side writes entries and then
// the producer index; the other reads entries and then writes the consumer index:
//
//        consumer            producer
//           v                   v
//   | free  | filled  | filled  | free  |      filled = producer - consumer  (mod 2^32)
//
// Which side is ours:   fill ring   producer   (frame addresses for the kernel to fill)
//                       RX ring     consumer   (descriptors of filled frames)
//                       TX ring     producer   (descriptors of frames to send)
//          completion ring          consumer   (addresses of frames that were sent)
//
// Invariants: filled <= size always; an index is written by one side only; only differences of
// indices are compared, never their order, so that the wrap at 2^32 needs no special case.
//
// Memory order (Documentation/networking/af_xdp.rst, and net/xdp/xsk_queue.h "The structure of the
// shared state of the rings"): the producer writes entries, then stores its index with release; the
// consumer loads that index with acquire, reads, then stores its own index with release.
//
// The same classes play the kernel's side in engine/xsk/testing, over ordinary memory: the engine's
// loads and stores are identical there, which is what makes the fake worth having.
//
// Thread safety: one thread a side.
#pragma once

#include <linux/if_xdp.h>

#include <atomic>
#include <cstdint>

#include "engine/base/check.h"

namespace penstock {

// Where one ring lies. Indices and flags are shared with the other side; entries are `size` long.
template <typename Entry>
struct RingMemory {
  std::uint32_t* producer = nullptr;
  std::uint32_t* consumer = nullptr;
  std::uint32_t* flags = nullptr;  // XDP_RING_NEED_WAKEUP
  Entry* entries = nullptr;
  std::uint32_t size = 0;  // power of two
};

// The side that writes entries. Caches the other side's index and reloads it only when short of room.
template <typename Entry>
class ProducerRing {
 public:
  ProducerRing() = default;
  explicit ProducerRing(const RingMemory<Entry>& memory)
      : memory_(memory),
        mask_(memory.size - 1),
        produced_(std::atomic_ref(*memory.producer).load(std::memory_order_relaxed)),
        consumed_(std::atomic_ref(*memory.consumer).load(std::memory_order_relaxed)) {
    PENSTOCK_CHECK(memory.size != 0 && (memory.size & mask_) == 0);
  }

  std::uint32_t size() const { return memory_.size; }

  // Entries that could be written now; looks at the other side only when fewer than `wanted` seem free.
  std::uint32_t room(std::uint32_t wanted) {
    std::uint32_t free = memory_.size - (produced_ - consumed_);
    if (free < wanted) {
      consumed_ = std::atomic_ref(*memory_.consumer).load(std::memory_order_acquire);
      free = memory_.size - (produced_ - consumed_);
    }
    return free;
  }

  // Writes the next entry; the other side does not see it before submit(). REQUIRES: room for it.
  void push(const Entry& entry) { memory_.entries[produced_++ & mask_] = entry; }

  // Shows all pushed entries to the other side.
  void submit() { std::atomic_ref(*memory_.producer).store(produced_, std::memory_order_release); }

  // Whether the other side asks to be woken by a system call (XDP_RING_NEED_WAKEUP). Ask after submit().
  bool needs_wakeup() const {
    return (std::atomic_ref(*memory_.flags).load(std::memory_order_relaxed) & XDP_RING_NEED_WAKEUP) != 0;
  }

 private:
  RingMemory<Entry> memory_;
  std::uint32_t mask_ = 0;
  std::uint32_t produced_ = 0;  // ours, ahead of *producer until submit()
  std::uint32_t consumed_ = 0;  // last seen
};

// The side that reads entries.
template <typename Entry>
class ConsumerRing {
 public:
  ConsumerRing() = default;
  explicit ConsumerRing(const RingMemory<Entry>& memory)
      : memory_(memory),
        mask_(memory.size - 1),
        produced_(std::atomic_ref(*memory.producer).load(std::memory_order_relaxed)),
        consumed_(std::atomic_ref(*memory.consumer).load(std::memory_order_relaxed)) {
    PENSTOCK_CHECK(memory.size != 0 && (memory.size & mask_) == 0);
  }

  std::uint32_t size() const { return memory_.size; }

  // Entries that can be read now; looks at the other side only when fewer than `wanted` are known.
  std::uint32_t available(std::uint32_t wanted) {
    std::uint32_t filled = produced_ - consumed_;
    if (filled < wanted) {
      produced_ = std::atomic_ref(*memory_.producer).load(std::memory_order_acquire);
      filled = produced_ - consumed_;
    }
    return filled;
  }

  // A mark behind everything that the other side has made visible so far, and whether all entries before
  // a mark have been popped.
  std::uint32_t mark() {
    produced_ = std::atomic_ref(*memory_.producer).load(std::memory_order_acquire);
    return produced_;
  }
  bool popped_up_to(std::uint32_t mark) const { return static_cast<std::int32_t>(consumed_ - mark) >= 0; }

  // The entry `ahead` places behind the last popped one, still in the ring. REQUIRES: ahead < available().
  const Entry& peek(std::uint32_t ahead) const { return memory_.entries[(consumed_ + ahead) & mask_]; }

  // Takes `count` entries; their places stay ours until release(). REQUIRES: count <= available().
  void pop(std::uint32_t count) { consumed_ += count; }

  // Gives the places of all popped entries back to the other side.
  void release() { std::atomic_ref(*memory_.consumer).store(consumed_, std::memory_order_release); }

 private:
  RingMemory<Entry> memory_;
  std::uint32_t mask_ = 0;
  std::uint32_t produced_ = 0;  // last seen
  std::uint32_t consumed_ = 0;  // ours, ahead of *consumer until release()
};

// The engine's two rings of one socket.
using FillRing = ProducerRing<std::uint64_t>;
using RxRing = ConsumerRing<xdp_desc>;

// A sender's.
using TxRing = ProducerRing<xdp_desc>;
using CompletionRing = ConsumerRing<std::uint64_t>;

}  // namespace penstock
