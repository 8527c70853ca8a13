// The receive loop over AF_XDP rings: descriptors in, frags out. Both filters share it.
//
// It knows rings, the UMEM and the classifier, and nothing of how they were set up: af_xdp_receiver.h
// does that with real sockets, tests and the simulated NIC with a fake kernel. No allocation, lock,
// log or system call per packet.
//
// A batch takes two passes: the first reads descriptors and prefetches the headers they point at,
// the second judges. A frame that is not published goes straight back to the fill ring it came from.
//
// Frame conservation: each queue has as many frames as it was started with, never more than its
// fill ring has entries, so that giving a frame back always finds room (checked).
//
// Thread safety: none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/classify/classifier.h"
#include "engine/receive/port_list.h"
#include "engine/receive/receiver.h"
#include "engine/xsk/ring.h"
#include "engine/xsk/system.h"

namespace penstock {

class XskReceive {
 public:
  struct Queue {
    int fd = -1;  // names the socket in XskSystem calls
    FillRing fill;
    RxRing rx;
  };

  struct Config {
    Filter filter = Filter::kKernel;
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

  // From the next poll() on: what is ours, and which index the n-th of its ports has in frags and counters.
  void set_classifier(Classifier classifier, const PortPlaces& places);
  // Marks what is in the RX rings now, and says whether poll() has taken all of it since.
  void mark();
  bool passed_mark() const;

  // XDP_STATISTICS summed over the queues.
  Status read_statistics();

 private:
  // Appends what the queue has to frags_, behind the first `taken`; returns the new number taken.
  std::size_t poll_queue(std::size_t index, std::size_t taken);
  // Judges one received frame: true when it is to be published and *frag was filled; otherwise the
  // cause was counted.
  bool judge(const xdp_desc& descriptor, Frag& frag);
  bool locate(std::span<const std::byte> frame, penstock_payload& payload);
  // Shows what was pushed to the kernel, and wakes it if it asks for that.
  void submit(Queue& queue);

  Config config_;
  Classifier classifier_;
  PortPlaces places_ = kPlacesInOrder;
  FrameMemory memory_;
  std::vector<Queue> queues_;
  std::vector<int> fds_;
  std::vector<std::uint32_t> marks_;  // in each queue's RX ring
  XskSystem& system_;
  Counters& counters_;
  std::size_t next_queue_ = 0;  // round robin, so that one busy queue cannot starve the others
  std::array<Frag, Receiver::kBatch> frags_;
};

}  // namespace penstock
