// The receive loop. Two passes a batch; everything here runs for every packet.
#include "engine/receive/xsk_receive.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace penstock {
namespace {

// Where the fields of a Frag stand in the frame; the classifier has made sure of IHL = 5.
constexpr std::size_t kSourceAddress = PENSTOCK_ETHERNET_BYTES + 12;
constexpr std::size_t kDestinationAddress = PENSTOCK_ETHERNET_BYTES + 16;
constexpr std::size_t kSourcePort = PENSTOCK_ETHERNET_BYTES + PENSTOCK_IPV4_BYTES;
constexpr std::size_t kDestinationPort = kSourcePort + 2;

std::uint16_t load_port(const std::byte* at) {
  return PENSTOCK_NET16(penstock_load16(at));
}

}  // namespace

XskReceive::XskReceive(const Config& config, Classifier classifier, const FrameMemory& memory,
                       std::vector<Queue> queues, XskSystem& system, Counters& counters)
    : config_(config),
      classifier_(std::move(classifier)),
      memory_(memory),
      queues_(std::move(queues)),
      system_(system),
      counters_(counters) {
  PENSTOCK_CHECK(!queues_.empty());
  fds_.reserve(queues_.size() + 1);  // one more for wait()
  marks_.resize(queues_.size());
  for (const Queue& queue : queues_)
    fds_.push_back(queue.fd);
}

std::span<const Frag> XskReceive::poll() {
  std::size_t taken = 0;
  for (std::size_t turn = 0; turn < queues_.size() && taken < frags_.size(); ++turn)
    taken = poll_queue((next_queue_ + turn) % queues_.size(), taken);
  next_queue_ = (next_queue_ + 1) % queues_.size();
  return {frags_.data(), taken};
}

std::size_t XskReceive::poll_queue(std::size_t index, std::size_t taken) {
  Queue& queue = queues_[index];
  const auto wanted = static_cast<std::uint32_t>(frags_.size() - taken);
  const std::uint32_t batch = std::min(queue.rx.available(wanted), wanted);
  if (batch == 0) return taken;

  std::uint64_t bytes = 0;
  for (std::uint32_t i = 0; i < batch; ++i) {
    const xdp_desc& descriptor = queue.rx.peek(i);
    bytes += descriptor.len;
    // A prefetch of a wild address does nothing; judge() checks it before any load.
    __builtin_prefetch(memory_.base + descriptor.addr);
  }

  bool returned = false;
  for (std::uint32_t i = 0; i < batch; ++i) {
    const xdp_desc& descriptor = queue.rx.peek(i);
    Frag& frag = frags_[taken];
    if (judge(descriptor, frag)) {
      frag.queue = static_cast<std::uint16_t>(index);
      ++taken;
    } else if (descriptor.addr < memory_.bytes()) {
      queue.fill.push(descriptor.addr);
      returned = true;
    }
  }
  queue.rx.pop(batch);
  queue.rx.release();
  if (returned) submit(queue);
  counters_.add(Counter::kRxDescriptors, batch);
  counters_.add(Counter::kRxBytes, bytes);
  return taken;
}

bool XskReceive::judge(const xdp_desc& descriptor, Frag& frag) {
  if (!memory_.holds(descriptor.addr, descriptor.len)) {
    counters_.add(DiscardReason::kBadDescriptor);
    return false;
  }
  const std::byte* frame = memory_.base + descriptor.addr;
  penstock_payload payload;
  if (!locate({frame, descriptor.len}, payload)) return false;

  const std::uint16_t port = load_port(frame + kDestinationPort);
  const std::uint8_t action = classifier_.action(port);
  if (action == 0) {
    counters_.add(DiscardReason::kPortRemoved);
    return false;
  }
  if (payload.length > config_.max_payload) {
    counters_.add(DiscardReason::kOversize);
    return false;
  }

  frag.frame = memory_.frame_at(descriptor.addr);
  frag.offset = static_cast<std::uint16_t>(descriptor.addr - memory_.address_of(frag.frame) + payload.offset);
  frag.length = payload.length;
  frag.source = Ipv4Address::from_network(penstock_load32(frame + kSourceAddress));
  frag.destination = Ipv4Address::from_network(penstock_load32(frame + kDestinationAddress));
  frag.source_port = load_port(frame + kSourcePort);
  frag.destination_port = port;
  frag.port_index = places_[action - 1u];
  frag.way = WayIn::kAfXdp;
  counters_.add(Counter::kPublished, 1, frag.port_index);
  counters_.add(Counter::kPublishedBytes, payload.length, frag.port_index);
  return true;
}

bool XskReceive::locate(std::span<const std::byte> frame, penstock_payload& payload) {
  if (config_.filter == Filter::kKernel) {
    if (frame.size() < PENSTOCK_PAYLOAD_OFFSET) {
      counters_.add(DiscardReason::kBadDescriptor);
      return false;
    }
    payload = penstock_payload_of_taken(frame.data(), static_cast<std::uint32_t>(frame.size()));
    return true;
  }
  const Verdict verdict = classifier_.classify(frame);
  if (!verdict.taken()) {
    counters_.add(Counter::kFilterPass, 1, verdict.reason);
    counters_.add(DiscardReason::kNotReturned);
    return false;
  }
  payload = verdict.payload;
  return true;
}

void XskReceive::give_back(std::span<const Frag> frags) {
  for (std::size_t i = 0; i < frags.size();) {
    const std::uint16_t number = frags[i].queue;
    PENSTOCK_CHECK(number < queues_.size());
    Queue& queue = queues_[number];
    for (; i < frags.size() && frags[i].queue == number; ++i) {
      PENSTOCK_CHECK(frags[i].frame < memory_.frames);
      PENSTOCK_CHECK(queue.fill.room(1) > 0);  // else a frame was given back twice
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
  if (ready < 0) return fail("wait for frames", -ready);
  if (ready > 0) return {};
  // poll() never tells that a device went down or away; the receive call does.
  for (const int fd : fds_) {
    counters_.add(Counter::kRxWakeups);
    const int code = system_.wake_rx(fd);
    if (code != 0) return fail("wake the receive side", code, "check that the interface is there and up");
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
