// The net tile's output: one link (mcache) for each port that there is at the start, into which what the
// receiver hands out is published. Fan-out means several consumers of a link.
//
//   receiver.poll() -> take() -> link of the frag's port -> consumers, in other threads
//                         |
//                         +----> the displaced frames -> receiver.give_back()
//
// The rule of the frame pool: every line holds a frame from the start. Publishing a frag takes the old frame
// out of its line; that one is given back to the queue that the new one came from, whatever queue it came
// from itself. So each queue keeps as many frames as it was started with, and the lines are the list of the
// frames in consumers' hands. Frames = sum of initial fill + sum of link depths.
//
// There are as many links for good. A port that is listed later is assigned one: that of a port which has
// gone, or, where none is free, one that it shares; what came by either port is then told apart by the frag
// alone.
//
// A consumer that does not keep up is overrun and counts that itself (mcache.h); nothing waits for it.
//
// Beside each link are marks (link_marks.h), by which a consumer measures how long frags take to it. What is
// measured begins when the net thread has the frags in hand, before it publishes them.
//
// Thread safety: take(), mark() and assign() are the net thread's. lines() and marks() may be read by any
// number of consumers. Ownership: owns both; they must outlive every consumer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/mcache/mcache.h"
#include "engine/receive/receiver.h"
#include "engine/tiles/link_marks.h"
#include "engine/tiles/net_thread.h"

namespace penstock {

class PortLinks final : public Sink {
 public:
  // `ports` links, the n-th for port index n; `depth` lines each, over the frames from `first_frame` on,
  // which are the lines' from now on: ports * depth of them. REQUIRES: depth a power of two, at least 4.
  PortLinks(std::size_t ports, std::size_t depth, std::uint32_t first_frame);

  std::span<const Frag> take(std::span<const Frag> frags) override;
  void mark(std::span<const Frag> frags, Nanoseconds now) override;

  // What comes under `port_index` goes to the n-th link from here on. REQUIRES: link < links().
  void assign(std::uint8_t port_index, std::uint8_t link);

  std::size_t links() const { return links_.size(); }
  std::span<const McacheLine> lines(std::size_t link) const { return links_[link].memory.lines(); }
  std::span<const McacheLine> marks(std::size_t link) const { return links_[link].marks.lines(); }
  // How many frags were published on a link since the start.
  std::uint64_t published(std::size_t link) const { return links_[link].producer.next(); }

 private:
  struct Link {
    Link(std::size_t depth, std::uint32_t first_frame);

    McacheMemory memory;
    McacheProducer<Frag> producer;
    LinkMarks marks;
  };

  static constexpr std::uint8_t kNone = 0xff;

  std::vector<Link> links_;
  std::array<std::uint8_t, 256> link_of_;         // by port index
  std::array<Frag, Receiver::kBatch> displaced_;  // frame and queue alone
};

}  // namespace penstock
