// The receive loop over AF_XDP rings: descriptors in, frags out. Both filters share it.
//
// It knows rings, the UMEM and the classifier, and nothing of how they were set up: af_xdp_receiver.h
// does that with real sockets, tests and the simulated NIC with a fake kernel. No allocation, lock,
// log or system call per packet.
//
// Headers are prefetched kAhead descriptors before they are judged, also behind the end of the batch where
// the kernel has shown more, so that loads are under way all the time (docs/performance.md). A frame that is
// neither published nor returned goes straight back to the fill ring it came from.
//
// The return link (userspace filter): a frame that is not ours is published into an mcache, behind
// which a return tile hands it to the host's stack (engine/tiles). There is no userspace filter without
// one: it would cut the host off.
//
// Frame conservation (law 3): frames = initial fill + link depth. Every line of the link holds a frame
// from the start. The frame that a publication displaces goes to the fill ring of the queue that the
// new one came from, whatever queue it came from itself: a queue gives one and gets one. So each queue
// has as many frames as it was started with, and giving a frame back always finds room (checked) in a fill
// ring of twice as many entries.
//
// Twice, because the kernel shows descriptors before it shows which fill entries it took for them
// (xsk_flush() in net/xdp/xsk.c: xskq_prod_submit(rx), then __xskq_cons_release(fq)). A CPU that is taken
// away between the two, as a hypervisor does, leaves the engine frames to give back into a ring that still
// looks full.
//
// Thread safety: none, but for meter(), which any thread may read.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/classify/classifier.h"
#include "engine/mcache/mcache.h"
#include "engine/receive/port_list.h"
#include "engine/receive/queue_meter.h"
#include "engine/receive/receiver.h"
#include "engine/xsk/ring.h"
#include "engine/xsk/system.h"

namespace penstock {

// The frames of a queue whose configuration names no number. For copied frames what the RX ring holds and two
// batches, one in the engine's hands and one in the fill ring, so that the RX ring is what limits a burst:
// more are only more memory that the kernel writes round and round (docs/performance.md). With zero-copy the
// ring of the NIC holds some too.
constexpr std::uint32_t default_fill_frames(std::uint32_t rx_entries, bool zero_copy) {
  const auto batches = static_cast<std::uint32_t>(2 * Receiver::kBatch);
  return rx_entries + (zero_copy ? rx_entries : std::min(rx_entries, batches));
}

class XskReceive {
 public:
  struct Queue {
    int fd = -1;  // names the socket in XskSystem calls
    FillRing fill;
    RxRing rx;
    std::uint32_t prefetched = 0;  // descriptors at the head of rx whose headers are on their way
  };

  // How far prefetching runs ahead: enough to hide the last-level cache, few enough for an L1 cache of 12
  // ways, where all headers, 2 KiB apart, share two of the 64 sets.
  static constexpr std::uint32_t kAhead = 24;

  struct Config {
    Filter filter = Filter::kKernel;
    // Borrowed; not null with the userspace filter. Offset and length of its frags are the whole frame's.
    McacheProducer<Frag>* return_link = nullptr;
    std::uint32_t max_payload = 1472;  // a longer datagram is discarded as `oversize`
  };

  // The places of a classifier's ports when none are given: each port's own position.
  static constexpr PortPlaces kPlacesInOrder = [] {
    PortPlaces places{};
    for (std::size_t i = 0; i < places.size(); ++i)
      places[i] = static_cast<std::uint8_t>(i);
    return places;
  }();

  // `system`, `counters` and the memory behind everything are borrowed and must outlive this. A
  // Frag's queue is the position in `queues`.
  XskReceive(const Config& config, Classifier classifier, const FrameMemory& memory,
             std::vector<Queue> queues, XskSystem& system, Counters& counters);

  std::span<const Frag> poll();
  void give_back(std::span<const Frag> frags);
  // Also wakes when `also` is readable, unless it is -1.
  Status wait(Nanoseconds timeout, int also = -1);

  // One receive call a queue.
  Status drive();

  // From the next poll() on: what is ours, and which index the n-th of its ports has in frags and counters.
  void set_classifier(Classifier classifier, const PortPlaces& places);
  // Marks what is in the RX rings now, and says whether poll() has taken all of it since.
  void mark();
  bool passed_mark() const;

  // How busy the queue at a position in `queues` is.
  const QueueMeter& meter(std::size_t queue) const { return meters_[queue]; }
  // Once in a while, for them: `now` as QueueMeter::turn() has it.
  void turn_meters(Nanoseconds now) {
    for (QueueMeter& meter : meters_)
      meter.turn(now);
  }

  // XDP_STATISTICS summed over the queues.
  Status read_statistics();

 private:
  // Appends what the queue has to frags_, behind the first `taken`; returns the new number taken.
  template <Filter kFilter>
  std::size_t poll_queue(std::size_t index, std::size_t taken);
  std::size_t next(std::size_t index) const { return index + 1 == queues_.size() ? 0 : index + 1; }
  // Shows what was pushed to the kernel, and wakes it if it asks for that.
  void submit(Queue& queue);

  Config config_;
  Classifier classifier_;
  PortPlaces places_ = kPlacesInOrder;
  FrameMemory memory_;
  std::vector<Queue> queues_;
  std::vector<QueueMeter> meters_;  // of each
  std::vector<int> fds_;
  std::vector<std::uint32_t> marks_;  // in each queue's RX ring
  XskSystem& system_;
  Counters& counters_;
  std::size_t next_queue_ = 0;  // round robin, so that one busy queue cannot starve the others
  std::array<Frag, Receiver::kBatch> frags_;
};

}  // namespace penstock
