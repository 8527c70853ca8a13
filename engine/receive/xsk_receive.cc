// The receive loop; everything here runs for every packet.
#include "engine/receive/xsk_receive.h"

#include <errno.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/base/check.h"

namespace penstock {
namespace {

// Where the fields of a Frag stand in the frame, counted back from the payload.
constexpr std::size_t kSourceAddress = PENSTOCK_UDP_BYTES + 8;
constexpr std::size_t kDestinationAddress = PENSTOCK_UDP_BYTES + 4;
constexpr std::size_t kSourcePort = PENSTOCK_UDP_BYTES;
constexpr std::size_t kDestinationPort = PENSTOCK_UDP_BYTES - 2;

// What a call says now and may not say again: drivers' ndo_xsk_wakeup and the receive call under load
// (EAGAIN, EBUSY, ENOBUFS), poll(2) short of memory. A receiver that ended by it would not come back.
bool passes_by_itself(int code) {
  return code == EAGAIN || code == EBUSY || code == ENOBUFS || code == ENOMEM || code == EINTR;
}

std::uint16_t load_port(const std::byte* at) {
  return PENSTOCK_NET16(penstock_load16(at));
}

// What becomes of a received frame: handed out, or an address set free for the fill ring.
enum class Fate : std::uint8_t { kPublished, kReturned, kDiscarded };

// Judges the frames of a batch, and counts each where it is decided; but what is published on one port, one
// frag behind the other, is counted together.
//
// It is a class of this file, and holds copies of what is the same for the whole batch, so that the compiler
// may inline it (a member of XskReceive may be interposed in a shared library) and keep that in registers.
template <Filter kFilter>
class Batch {
 public:
  Batch(const XskReceive::Config& config, const Classifier& classifier, const PortPlaces& places,
        const FrameMemory& memory, std::uint8_t queue, Counters& counters)
      : max_payload_(config.max_payload),
        classifier_(classifier),
        places_(places),
        memory_(memory),
        frame_shift_(std::countr_zero(memory.frame_bytes)),
        queue_(queue),
        counters_(counters) {}

  // Fills `frag` when the frame is published or returned.
  Fate judge(const xdp_desc& descriptor, Frag& frag) {
    if (!memory_.holds(descriptor.addr, descriptor.len)) return discard(DiscardReason::kBadDescriptor);
    const std::byte* frame = memory_.base + descriptor.addr;
    penstock_payload payload;
    if constexpr (kFilter == Filter::kKernel) {
      payload = penstock_payload_of_taken(frame, descriptor.len);
      if (payload.ip_version == 0) return discard(DiscardReason::kBadDescriptor);
    } else {
      const Verdict verdict = classifier_.classify({frame, descriptor.len});
      if (!verdict.taken()) return pass(descriptor, verdict.reason, frag);
      payload = verdict.payload;
    }
    return publish(descriptor, payload, frag);
  }

  // Counts what was published since the last call.
  void count() {
    counters_.add(Counter::kPublished, run_frags_, run_port_);
    counters_.add(Counter::kPublishedBytes, run_bytes_, run_port_);
    run_frags_ = run_bytes_ = 0;
  }

 private:
  Fate discard(DiscardReason reason) {
    counters_.add(reason);
    return Fate::kDiscarded;
  }

  Fate pass(const xdp_desc& descriptor, penstock_reason reason, Frag& frag) {
    counters_.add(Counter::kFilterPass, 1, reason);
    counters_.add(Counter::kReturnedToHost);
    frag = {};
    place(descriptor, 0, static_cast<std::uint16_t>(descriptor.len), frag);
    return Fate::kReturned;
  }

  Fate publish(const xdp_desc& descriptor, const penstock_payload& payload, Frag& frag) {
    const std::byte* datagram = memory_.base + descriptor.addr + payload.offset;
    const std::uint16_t port = load_port(datagram - kDestinationPort);
    const std::uint8_t action = classifier_.action(port);
    if (action == 0) return discard(DiscardReason::kPortRemoved);
    if (payload.length > max_payload_) return discard(DiscardReason::kOversize);

    place(descriptor, payload.offset, payload.length, frag);
    frag.ip_version = static_cast<std::uint8_t>(payload.ip_version);
    const bool ipv4 = payload.ip_version == 4;
    frag.source = Ipv4Address::from_network(ipv4 ? penstock_load32(datagram - kSourceAddress) : 0);
    frag.destination = Ipv4Address::from_network(ipv4 ? penstock_load32(datagram - kDestinationAddress) : 0);
    frag.source_port = load_port(datagram - kSourcePort);
    frag.destination_port = port;
    frag.port_index = places_[action - 1u];
    if (frag.port_index != run_port_) {
      count();
      run_port_ = frag.port_index;
    }
    ++run_frags_;
    run_bytes_ += payload.length;
    return Fate::kPublished;
  }

  // Writes into the batch's own array, field by field: a Frag on the stack, copied from there, would be
  // loaded by 16 bytes before its narrow stores have left the store buffer.
  void place(const xdp_desc& descriptor, std::uint16_t offset, std::uint16_t length, Frag& frag) const {
    frag.frame = static_cast<std::uint32_t>(descriptor.addr >> frame_shift_);
    frag.offset = static_cast<std::uint16_t>((descriptor.addr & (memory_.frame_bytes - 1)) + offset);
    frag.length = length;
    frag.queue = queue_;
    frag.way = WayIn::kAfXdp;
  }

  const std::uint32_t max_payload_;
  const Classifier& classifier_;
  const PortPlaces& places_;
  const FrameMemory memory_;
  const int frame_shift_;
  const std::uint8_t queue_;
  Counters& counters_;
  std::uint8_t run_port_ = 0;
  std::uint64_t run_frags_ = 0;
  std::uint64_t run_bytes_ = 0;
};

}  // namespace

XskReceive::XskReceive(const Config& config, Classifier classifier, const FrameMemory& memory,
                       std::vector<Queue> queues, XskSystem& system, Counters& counters)
    : config_(config),
      classifier_(std::move(classifier)),
      memory_(memory),
      queues_(std::move(queues)),
      meters_(queues_.size()),
      system_(system),
      counters_(counters) {
  PENSTOCK_CHECK(config.filter == Filter::kKernel || config.return_link != nullptr);
  PENSTOCK_CHECK(!queues_.empty() && queues_.size() < 256);  // Frag::queue is a byte; one for the companion
  fds_.reserve(queues_.size() + 1);                          // one more for wait()
  marks_.resize(queues_.size());
  for (const Queue& queue : queues_)
    fds_.push_back(queue.fd);
}

std::span<const Frag> XskReceive::poll() {
  std::size_t taken = 0;
  std::size_t index = next_queue_;
  for (std::size_t turn = 0; turn < queues_.size() && taken < frags_.size(); ++turn) {
    taken = config_.filter == Filter::kKernel ? poll_queue<Filter::kKernel>(index, taken)
                                              : poll_queue<Filter::kUserspace>(index, taken);
    index = next(index);
  }
  next_queue_ = next(next_queue_);
  return {frags_.data(), taken};
}

// Flattened, so that the classifier is inlined too: it is a large function, called here alone.
template <Filter kFilter>
[[gnu::flatten]] std::size_t XskReceive::poll_queue(std::size_t index, std::size_t taken) {
  Queue& queue = queues_[index];
  const auto wanted = static_cast<std::uint32_t>(frags_.size() - taken);
  const std::uint32_t known = queue.rx.available(wanted + kAhead);
  const std::uint32_t batch = std::min(known, wanted);
  if (batch == 0) return taken;

  const FrameMemory memory = memory_;
  const RxRing rx = queue.rx;
  std::uint32_t prefetched = queue.prefetched;
  const auto prefetch_next = [&] {
    // A prefetch of a wild address does nothing; judge() checks it before any load.
    if (prefetched < known) __builtin_prefetch(memory.base + rx.peek(prefetched++).addr);
  };
  while (prefetched < std::min(known, kAhead))
    prefetch_next();

  Batch<kFilter> judge(config_, classifier_, places_, memory, static_cast<std::uint8_t>(index), counters_);
  std::uint64_t bytes = 0;
  bool returned = false;
  for (std::uint32_t i = 0; i < batch; ++i) {
    prefetch_next();
    const xdp_desc descriptor = rx.peek(i);
    bytes += descriptor.len;
    Frag& frag = frags_[taken];
    std::uint64_t freed = descriptor.addr;
    switch (judge.judge(descriptor, frag)) {
      case Fate::kPublished:
        ++taken;
        continue;
      case Fate::kReturned:
        freed = memory_.address_of(config_.return_link->publish(frag).frame);
        break;
      case Fate::kDiscarded:
        break;
    }
    if (freed >= memory.bytes()) continue;  // a bad descriptor: nobody's frame
    queue.fill.push(freed);
    returned = true;
  }
  judge.count();
  queue.prefetched = prefetched - batch;
  queue.rx.pop(batch);
  queue.rx.release();
  if (returned) submit(queue);
  counters_.add(Counter::kRxDescriptors, batch);
  counters_.add(Counter::kRxBytes, bytes);
  meters_[index].add(batch, known);
  return taken;
}

void XskReceive::give_back(std::span<const Frag> frags) {
  for (std::size_t i = 0; i < frags.size();) {
    const std::size_t number = frags[i].queue;
    PENSTOCK_CHECK(number < queues_.size());
    Queue& queue = queues_[number];
    std::size_t end = i + 1;
    while (end < frags.size() && frags[end].queue == number)
      ++end;
    const auto run = static_cast<std::uint32_t>(end - i);
    PENSTOCK_CHECK(queue.fill.room(run) >= run);  // else a frame was given back twice
    for (; i < end; ++i) {
      PENSTOCK_CHECK(frags[i].frame < memory_.frames);
      queue.fill.push(memory_.address_of(frags[i].frame));
    }
    submit(queue);
  }
}

void XskReceive::submit(Queue& queue) {
  queue.fill.submit();
  if (!queue.fill.needs_wakeup()) return;
  // Its errors (interface down or away) come back from wait(), where the caller can act on them.
  static_cast<void>(system_.wake_rx(queue.fd));
  counters_.add(Counter::kRxWakeups);
}

void XskReceive::set_classifier(Classifier classifier, const PortPlaces& places) {
  classifier_ = std::move(classifier);
  places_ = places;
}

void XskReceive::mark() {
  for (std::size_t i = 0; i < queues_.size(); ++i)
    marks_[i] = queues_[i].rx.mark();
}

bool XskReceive::passed_mark() const {
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    if (!queues_[i].rx.popped_up_to(marks_[i])) return false;
  }
  return true;
}

Status XskReceive::wait(Nanoseconds timeout, int also) {
  counters_.add(Counter::kRxWaits);
  if (also >= 0) fds_.push_back(also);
  const int ready = system_.wait(fds_, timeout);
  if (also >= 0) fds_.pop_back();
  if (ready < 0 && !passes_by_itself(-ready)) return fail("wait for frames", -ready);
  if (ready > 0) return {};
  return drive();  // poll() never tells that a device went down or away; the receive call does
}

Status XskReceive::drive() {
  for (const int fd : fds_) {
    counters_.add(Counter::kRxWakeups);
    const int code = system_.wake_rx(fd);
    if (code != 0 && !passes_by_itself(code))
      return fail("wake the receive side", code, "check that the interface is there and up");
  }
  return {};
}

Status XskReceive::read_statistics() {
  xdp_statistics total{};
  for (const int fd : fds_) {
    xdp_statistics one{};
    if (const int code = system_.statistics(fd, one); code != 0) return fail("read XDP_STATISTICS", code);
    total.rx_ring_full += one.rx_ring_full;
    total.rx_dropped += one.rx_dropped;
    total.rx_fill_ring_empty_descs += one.rx_fill_ring_empty_descs;
    total.rx_invalid_descs += one.rx_invalid_descs;
  }
  counters_.set(Counter::kRxRingFull, total.rx_ring_full);
  counters_.set(Counter::kRxDropped, total.rx_dropped);
  counters_.set(Counter::kRxFillRingEmpty, total.rx_fill_ring_empty_descs);
  counters_.set(Counter::kRxInvalidDescs, total.rx_invalid_descs);
  return {};
}

}  // namespace penstock
