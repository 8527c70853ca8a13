// The book of frames: an independent checker of law 3, "frames are never lost".
//
// It knows of every frame of the UMEM in which place it is, and after each step of either side reads the
// memory of the rings and of the return link itself: it asks neither the engine nor the fake kernel. A step
// may only move frames as its side may:
//
//   kernel       fill ring ─► RX ring            fill ring ─► kernel (RX ring was full)     kernel ─► RX ring
//   poll()       RX ring ─► hands                RX ring ─► fill ring of the same queue
//                RX ring ─► return link, and the frame displaced there ─► fill ring of a queue (in one step,
//                if the link has fewer lines than the step had frames for it)
//   give_back()  hands ─► fill ring of the same queue
//
// and leaves each queue as many frames as it had (fill ring, kernel, RX ring, hands). Whatever else it finds
// is an error that names frame and places: a frame twice in a ring, one that left a ring and came up
// nowhere, one that the kernel shows while a consumer holds it, an index that ran past the other.
//
// The cost of a step goes with what moved, not with the size of the pool.
//
// Ownership: borrows the memory of rings and link. Thread safety: none; between steps only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/mcache/mcache.h"
#include "engine/receive/receiver.h"
#include "engine/xsk/ring.h"
#include "engine/xsk/umem.h"

namespace penstock {

class FrameBook {
 public:
  enum class Place : std::uint8_t { kNowhere, kFill, kKernel, kRx, kHands, kLink };

  struct Queue {
    RingMemory<std::uint64_t> fill;
    RingMemory<xdp_desc> rx;
  };

  // Before the first step: every frame must be in a fill ring or in a line of the link, which may be empty.
  static Result<FrameBook> open(const FrameMemory& memory, std::vector<Queue> queues,
                                std::span<const McacheLine> link);

  // After each step. `taken` is what poll() returned, `returned` what give_back() was given. After an
  // error the book is of no more use.
  Status after_kernel();
  Status after_poll(std::span<const Frag> taken);
  Status after_give_back(std::span<const Frag> returned);

  // Frames in a place, over all queues.
  std::size_t count(Place place) const;
  std::uint64_t steps() const { return steps_; }

 private:
  enum class Step : std::uint8_t { kOpen, kKernel, kPoll, kGiveBack };

  struct Frame {
    Place place = Place::kNowhere;
    std::uint32_t queue = 0;  // of which queue; of the link: none
    bool moving = false;      // has left `place` in this step and not come up yet
  };

  // A ring as it was after the last step: its indices, and the frames between them.
  struct Shadow {
    std::deque<std::uint32_t> frames;
    std::uint32_t producer = 0, consumer = 0;
  };

  FrameBook(const FrameMemory& memory, std::vector<Queue> queues, std::span<const McacheLine> link);

  // First everything that left its place, then everything that came into one, then what is left over.
  Status observe(Step step, std::span<const Frag> frags);
  template <typename Entry>
  Status take_consumed(const RingMemory<Entry>& ring, Shadow& shadow, bool may);
  template <typename Entry, typename Arrived>
  Status add_produced(const RingMemory<Entry>& ring, Shadow& shadow, Arrived&& arrived);
  void find_new_lines();
  Status take_from_link(Step step);
  Status add_to_link(Step step);
  Status leave_hands(std::span<const Frag> returned);
  Status into_hands(std::span<const Frag> taken);
  Status into_fill(std::uint32_t queue, std::uint64_t address, Step step);
  Status into_rx(std::uint32_t queue, const xdp_desc& descriptor, Step step);
  Status settle(Step step);
  Status check_queues() const;

  void leave(std::uint32_t frame);
  void arrive(std::uint32_t frame, Place place, std::uint32_t queue);
  std::string where(std::uint32_t frame) const;

  FrameMemory memory_;
  std::vector<Queue> queues_;
  std::span<const McacheLine> link_;
  std::vector<Frame> frames_;
  std::vector<Shadow> fill_, rx_;
  std::vector<std::uint32_t> lines_;    // the frame of each line of the link
  std::uint64_t next_line_ = 0;         // sequence that the link's producer writes next
  bool link_went_round_ = false;        // in this step: a line was written more than once
  std::vector<std::size_t> new_lines_;  // lines written in this step
  std::vector<std::uint32_t> moved_;    // frames that left a place in this step
  std::vector<std::size_t> owned_;      // frames of each queue now
  std::vector<std::size_t> owned_at_start_;
  std::uint64_t steps_ = 0;
};

}  // namespace penstock
