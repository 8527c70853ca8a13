// recvmmsg into frames of the pool.
#include "engine/receive/udp_sockets.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {
namespace {

Result<std::uint64_t> read_meminfo(int fd, std::size_t variable) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t length = sizeof(memory);
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory.data(), &length) != 0)
    return fail("read SO_MEMINFO of a UDP socket", errno);
  return memory[variable];
}

}  // namespace

Result<std::uint64_t> dropped_at(int fd) {
  return read_meminfo(fd, SK_MEMINFO_DROPS);
}

Result<std::uint64_t> bytes_waiting_at(int fd) {
  return read_meminfo(fd, SK_MEMINFO_RMEM_ALLOC);
}

Ipv4Address pktinfo_destination(const cmsghdr* control) {
  if (control == nullptr || control->cmsg_level != IPPROTO_IP || control->cmsg_type != IP_PKTINFO) return {};
  in_pktinfo info;
  std::memcpy(&info, CMSG_DATA(control), sizeof(info));
  return Ipv4Address::from_network(info.ipi_addr.s_addr);
}

UdpSockets::UdpSockets(const UdpSocketsConfig& config, const FrameMemory& memory,
                       std::span<const std::uint32_t> frames, Counters& counters)
    : config_(config),
      memory_(memory),
      counters_(counters),
      capacity_(frames.size()),
      free_(frames.begin(), frames.end()) {
  PENSTOCK_CHECK(config.max_payload <= usable_frame_bytes(memory.frame_bytes));
  PENSTOCK_CHECK(config.batch > 0 && config.batch <= frags_.size());
}

Result<std::unique_ptr<UdpSockets>> UdpSockets::open(const UdpSocketsConfig& config,
                                                     const FrameMemory& memory,
                                                     std::span<const std::uint32_t> frames,
                                                     Counters& counters) {
  std::unique_ptr<UdpSockets> sockets(new UdpSockets(config, memory, frames, counters));
  sockets->epoll_ = UniqueFd(epoll_create1(EPOLL_CLOEXEC));
  if (!sockets->epoll_) return fail("open UDP sockets: epoll", errno);
  return sockets;
}

Status UdpSockets::add_port(std::uint16_t port, std::uint8_t index) {
  PENSTOCK_CHECK(index < kMaxPorts && port_at(index) == 0);
  Port& place = ports_[index];
  if (place.closing && place.number == port) {  // removed, but its socket is still here
    place.closing = false;
    return {};
  }
  Result<PortHold> hold = hold_port(port);
  if (!hold) return tl::unexpected(hold.error());
  return add_port(std::move(*hold), index);
}

Status UdpSockets::add_port(PortHold hold, std::uint8_t index) {
  PENSTOCK_CHECK(index < kMaxPorts && port_at(index) == 0);
  const std::string what = fmt::format("hold UDP port {}", hold.port);
  Port& place = ports_[index];
  if (place.closing) {
    if (Status s = close_port(place); !s) return fail(what, s.error());
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = index;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, hold.fd.get(), &event) != 0)
    return fail(what + ": epoll", errno);
  place = {.fd = std::move(hold.fd), .number = hold.port};
  ++held_;
  return {};
}

Result<PortHold> UdpSockets::hold_port(std::uint16_t port) const {
  Result<UniqueFd> fd = config_.privileges->hold_udp_port(port, config_.buffer_bytes);
  if (!fd) return fail(fmt::format("hold UDP port {}", port), fd.error());
  return PortHold{.port = port, .fd = std::move(*fd)};
}

void UdpSockets::remove_port(std::uint8_t index) {
  PENSTOCK_CHECK(index < kMaxPorts);
  if (ports_[index].fd) ports_[index].closing = true;
}

Status UdpSockets::close_port(Port& port) {
  const Result<std::uint64_t> drops = dropped_at(port.fd.get());
  port = {};  // closing takes the socket out of the epoll set
  --held_;
  if (!drops) return tl::unexpected(drops.error());
  drops_of_closed_ += *drops;
  return {};
}

int UdpSockets::wait_fd() const {
  return held_ > 0 && !free_.empty() ? epoll_.get() : -1;
}

std::span<const Frag> UdpSockets::poll() {
  if (wait_fd() < 0) return {};
  std::array<epoll_event, kMaxPorts> ready;
  // Level-triggered: a socket that is left with datagrams goes to the end of the kernel's list. No error
  // is possible but EINTR, and the next poll() looks again.
  const int found = epoll_wait(epoll_.get(), ready.data(), ready.size(), 0);
  const std::size_t sockets = found > 0 ? static_cast<std::size_t>(found) : 0;

  std::size_t taken = 0;
  std::array<bool, kMaxPorts> busy{};
  for (std::size_t i = 0; i < sockets; ++i) {
    const auto index = static_cast<std::uint8_t>(ready[i].data.u32);
    busy[index] = true;
    // An equal share of what is left; what one socket does not need the next ones may take.
    const std::size_t left = sockets - i;
    taken = receive(index, (config_.batch - taken + left - 1) / left, taken);
  }
  for (Port& port : ports_) {
    // A drop count that cannot be read any more is not worth stopping the receiver.
    if (port.closing && !busy[static_cast<std::size_t>(&port - ports_.data())])
      static_cast<void>(close_port(port));
  }
  return {frags_.data(), taken};
}

std::size_t UdpSockets::receive(std::uint8_t index, std::size_t most, std::size_t taken) {
  const std::size_t count = std::min(most, free_.size());
  if (count == 0) return taken;
  const std::size_t first = free_.size() - count;
  prepare(first, count);
  // MSG_TRUNC in the flags makes a length the datagram's own and not that of what fitted.
  const int received = recvmmsg(ports_[index].fd.get(), messages_.data(), static_cast<unsigned>(count),
                                MSG_DONTWAIT | MSG_TRUNC, nullptr);
  // EAGAIN after all: every datagram that woke us had a bad checksum. Others come again, and are counted
  // by the kernel as drops if they last.
  if (received <= 0) return taken;

  counters_.add(config_.counters.rx, static_cast<std::uint64_t>(received));
  std::size_t kept = first;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t frame = free_[first + i];
    if (i < static_cast<std::size_t>(received) && judge(index, i, frame, frags_[taken])) {
      ++taken;
    } else {
      free_[kept++] = frame;
    }
  }
  free_.resize(kept);
  return taken;
}

void UdpSockets::prepare(std::size_t first_free, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    Slot& slot = slots_[i];
    slot.vector = {memory_.base + memory_.address_of(free_[first_free + i]) + kXdpHeadroom,
                   config_.max_payload};
    messages_[i] = {};
    msghdr& header = messages_[i].msg_hdr;
    header.msg_name = &slot.source;
    header.msg_namelen = sizeof(slot.source);
    header.msg_iov = &slot.vector;
    header.msg_iovlen = 1;
    header.msg_control = slot.control.data();
    header.msg_controllen = slot.control.size();
  }
}

bool UdpSockets::judge(std::uint8_t index, std::size_t i, std::uint32_t frame, Frag& frag) {
  mmsghdr& message = messages_[i];
  if (message.msg_len > config_.max_payload) {
    counters_.add(config_.counters.discarded, 1, static_cast<std::size_t>(DiscardReason::kOversize));
    return false;
  }
  const Slot& slot = slots_[i];
  frag = {.frame = frame,
          .offset = static_cast<std::uint16_t>(kXdpHeadroom),
          .length = static_cast<std::uint16_t>(message.msg_len),
          .source = Ipv4Address::from_network(slot.source.sin_addr.s_addr),
          .destination = pktinfo_destination(CMSG_FIRSTHDR(&message.msg_hdr)),
          .source_port = ntohs(slot.source.sin_port),
          .destination_port = ports_[index].number,
          .queue = config_.queue,
          .port_index = index,
          .way = config_.way};
  counters_.add(config_.counters.published, 1, index);
  if (config_.counters.published_bytes)
    counters_.add(*config_.counters.published_bytes, message.msg_len, index);
  return true;
}

void UdpSockets::give_back(std::span<const Frag> frags) {
  for (const Frag& frag : frags) {
    PENSTOCK_CHECK(frag.queue == config_.queue && frag.frame < memory_.frames);
    PENSTOCK_CHECK(free_.size() < capacity_);  // else a frame was given back twice
    free_.push_back(frag.frame);
  }
}

Status UdpSockets::read_drops() {
  const Result<std::uint64_t> dropped = dropped_at_ports(ports_);
  if (!dropped) return tl::unexpected(dropped.error());
  counters_.set(config_.counters.dropped, drops_of_closed_ + *dropped);
  return {};
}

}  // namespace penstock
