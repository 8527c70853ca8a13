// A receive loop over ordinary memory: its UMEM, the fake kernel at the other end of its rings, and the
// book of law 3, which counts the frames in the return link's lines too.
//
// Thread safety: none.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/mcache/mcache.h"
#include "engine/receive/xsk_receive.h"
#include "engine/xsk/testing/fake_kernel.h"

namespace penstock {

struct RigShape {
  std::size_t queues = 1;
  std::uint32_t rx_entries = 64;
  std::uint32_t frames_per_queue = 128;
  std::uint32_t first_index = 0;
  std::uint32_t max_payload = 1472;
  std::uint32_t return_depth = 16;
  std::uint32_t consumer_frames = 0;  // for the lines of a test's own links
};

class XskRig {
 public:
  XskRig(Filter filter, const RigShape& shape)
      : umem_(*Umem::create(static_cast<std::uint32_t>(shape.queues) * shape.frames_per_queue +
                            shape.return_depth + shape.consumer_frames)),
        kernel_(umem_.memory()),
        lines_(shape.return_depth),
        link_(lines_.lines(), [&shape](std::uint64_t i) {
          Frag frag;
          frag.frame = static_cast<std::uint32_t>(shape.queues * shape.frames_per_queue + i);
          return frag;
        }) {
    std::vector<XskReceive::Queue> queues;
    std::uint32_t next_frame = 0;
    for (std::size_t i = 0; i < shape.queues; ++i) {
      const FakeKernel::Socket socket = kernel_.add_queue({.rx_entries = shape.rx_entries,
                                                           .fill_entries = shape.frames_per_queue,
                                                           .first_index = shape.first_index});
      XskReceive::Queue queue{socket.fd, FillRing(socket.fill), RxRing(socket.rx)};
      for (std::uint32_t f = 0; f < shape.frames_per_queue; ++f)
        queue.fill.push(umem_.memory().address_of(next_frame++));
      queue.fill.submit();
      queues.push_back(queue);
    }
    first_consumer_frame_ = next_frame + shape.return_depth;
    receive_ = std::make_unique<XskReceive>(
        XskReceive::Config{.filter = filter, .return_link = &link_, .max_payload = shape.max_payload},
        *Classifier::create(row_classifier()), umem_.memory(), std::move(queues), kernel_, counters_);
  }

  FakeKernel& kernel() { return kernel_; }
  XskReceive& receive() { return *receive_; }
  const FrameMemory& memory() const { return umem_.memory(); }
  std::span<McacheLine> return_lines() const { return lines_.lines(); }
  CounterSnapshot counters() const { return counters_.snapshot(); }

  FakeKernel::Outcome deliver(int queue, std::span<const std::byte> frame) {
    const FakeKernel::Outcome outcome = kernel_.deliver(queue, frame);
    kernel_.flush(queue);
    return outcome;
  }
  std::span<const std::byte> payload(const Frag& frag) const {
    return {umem_.memory().base + umem_.memory().address_of(frag.frame) + frag.offset, frag.length};
  }

  std::uint32_t first_consumer_frame() const { return first_consumer_frame_; }

  // Law 3: every frame of the UMEM is in exactly one place.
  void expect_frames_conserved(std::span<const Frag> in_our_hands) {
    std::vector<std::uint32_t> places = kernel_.frames_in_rings();
    const std::vector<std::uint32_t> held = kernel_.frames_held();
    places.insert(places.end(), held.begin(), held.end());
    for (const Frag& frag : in_our_hands)
      places.push_back(frag.frame);
    for (const McacheLine& line : lines_.lines())
      places.push_back(internal::load_meta<Frag>(line).frame);
    std::sort(places.begin(), places.end());
    std::vector<std::uint32_t> all(umem_.memory().frames);
    std::iota(all.begin(), all.end(), 0u);
    EXPECT_EQ(places, all);
  }

 private:
  Umem umem_;
  FakeKernel kernel_;
  Counters counters_;
  McacheMemory lines_;
  McacheProducer<Frag> link_;
  std::uint32_t first_consumer_frame_ = 0;
  std::unique_ptr<XskReceive> receive_;
};

// rx_descriptors = published{port} + returned_to_host + discarded{reason}.
inline void expect_account_closed(const CounterSnapshot& c) {
  EXPECT_EQ(c.get(Counter::kRxDescriptors),
            c.sum(Counter::kPublished) + c.get(Counter::kReturnedToHost) + c.sum(Counter::kDiscarded));
}

}  // namespace penstock
