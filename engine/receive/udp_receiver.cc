// Frames, sockets, and waiting for them.
#include "engine/receive/udp_receiver.h"

#include <errno.h>
#include <poll.h>

#include <numeric>
#include <utility>

namespace penstock {

Result<std::unique_ptr<UdpReceiver>> UdpReceiver::open(const SocketReceiverConfig& config) {
  const Result<PortList> ports = PortList::create(config.ports);
  if (!ports) return tl::unexpected(ports.error());
  Result<Umem> umem = Umem::create(config.frames + config.consumer_frames, config.frame_bytes);
  if (!umem) return tl::unexpected(umem.error());

  std::unique_ptr<UdpReceiver> receiver(new UdpReceiver);
  receiver->umem_ = std::make_unique<Umem>(std::move(*umem));
  receiver->memory_ = receiver->umem_->memory();
  receiver->first_consumer_frame_ = config.frames;
  std::vector<std::uint32_t> frames(config.frames);
  std::iota(frames.begin(), frames.end(), 0u);
  auto sockets = UdpSockets::open({.max_payload = config.max_payload,
                                   .buffer_bytes = config.buffer_bytes,
                                   .counters = {.rx = Counter::kSocketRx,
                                                .published = Counter::kPublished,
                                                .published_bytes = Counter::kPublishedBytes,
                                                .discarded = Counter::kDiscarded,
                                                .dropped = Counter::kSocketDrop},
                                   .privileges = config.privileges},
                                  receiver->memory_, frames, receiver->counters_);
  if (!sockets) return tl::unexpected(sockets.error());
  receiver->sockets_ = std::move(*sockets);
  receiver->ports_ = *ports;
  for (const std::uint16_t port : config.ports) {
    if (Status s = receiver->sockets_->add_port(port, *ports->place_of(port)); !s)
      return tl::unexpected(s.error());
  }
  return receiver;
}

Status UdpReceiver::wait(Nanoseconds timeout) {
  counters_.add(Counter::kRxWaits);
  pollfd readable{.fd = sockets_->wait_fd(), .events = POLLIN, .revents = 0};  // -1: only the time passes
  const timespec time{timeout / kSecond, timeout % kSecond};
  if (ppoll(&readable, 1, &time, nullptr) < 0 && errno != EINTR) return fail("wait for datagrams", errno);
  return {};
}

void UdpReceiver::detach() {
  for (const std::uint16_t port : ports_.ports())
    sockets_->remove_port(*ports_.place_of(port));
}

Result<std::vector<PortHold>> UdpReceiver::hold_ports(std::span<const std::uint16_t> added) const {
  return hold_each(added, [this](std::uint16_t port) { return sockets_->hold_port(port); });
}

Status UdpReceiver::take_ports(std::span<const std::uint16_t> ports, std::vector<PortHold> holds) {
  const Result<PortList> joint = ports_.joined_with(ports);
  if (!joint) return tl::unexpected(joint.error());
  std::vector<std::uint8_t> added;
  for (PortHold& hold : holds) {
    added.push_back(*joint->place_of(hold.port));
    if (Status s = sockets_->add_port(std::move(hold), added.back()); !s) {
      for (const std::uint8_t undone : added)
        sockets_->remove_port(undone);
      return s;
    }
  }
  const PortList wanted = joint->only(ports);
  for (const std::uint16_t port : joint->ports()) {
    if (!wanted.contains(port)) sockets_->remove_port(*joint->place_of(port));
  }
  ports_ = wanted;
  return {};
}

}  // namespace penstock
