// The user side of the slot ring between a live-frame sender and its program; the program's side and the
// memory order are in bpf/generator.h.
//
// Ownership: borrows the slots and the shared indices, which are maps of the program. Thread safety: one
// thread; the program is the other side.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "bpf/generator.h"
#include "engine/base/check.h"
#include "engine/base/clock.h"

namespace penstock {

class SlotRing {
 public:
  // `slots` has a power of two elements. Nothing was written or taken yet.
  SlotRing(std::span<penstock_slot> slots, penstock_generator& shared) : slots_(slots), shared_(shared) {
    PENSTOCK_CHECK(!slots.empty() && (slots.size() & (slots.size() - 1)) == 0);
  }

  // Slots that may be written now; looks at the program's side only when fewer than `wanted` seem free.
  std::uint64_t room(std::uint64_t wanted) {
    std::uint64_t free = slots_.size() - (written_ - consumed_);
    if (free < wanted) {
      consumed_ = std::atomic_ref(shared_.consumed).load(std::memory_order_acquire);
      free = slots_.size() - (written_ - consumed_);
    }
    return free;
  }

  // Writes the next frame; the program does not see it before publish(). REQUIRES: room for it, and a
  // length that a slot holds.
  void push(std::span<const std::byte> frame, Nanoseconds due) {
    PENSTOCK_CHECK(frame.size() >= PENSTOCK_SHORTEST_FRAME && frame.size() <= PENSTOCK_SLOT_BYTES);
    penstock_slot& slot = slots_[written_ & (slots_.size() - 1)];
    slot.due = static_cast<std::uint64_t>(due);
    slot.length = static_cast<std::uint32_t>(frame.size());
    std::memcpy(slot.bytes, frame.data(), frame.size());
    ++written_;
  }

  // What the slots hold, again and again until `total` frames were sent; nothing is written any more.
  // REQUIRES: a frame in every slot that the program looks at.
  void publish_again(std::uint64_t total) {
    PENSTOCK_CHECK(written_ > 0 && total >= written_);
    written_ = total;
    publish();
  }

  void publish() { std::atomic_ref(shared_.produced).store(written_, std::memory_order_release); }

  std::uint64_t written() const { return written_; }
  // What the program has published as sent, at most a batch behind it.
  std::uint64_t consumed() {
    consumed_ = std::atomic_ref(shared_.consumed).load(std::memory_order_acquire);
    return consumed_;
  }

 private:
  std::span<penstock_slot> slots_;
  penstock_generator& shared_;
  std::uint64_t written_ = 0;   // ahead of `produced` until publish()
  std::uint64_t consumed_ = 0;  // last seen
};

}  // namespace penstock
