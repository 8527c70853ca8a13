// recvmmsg with IP_PKTINFO.
#include "sim/topology/udp_oracle.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <netinet/in.h>

#include "engine/base/unique_fd.h"
#include "sim/topology/poll_thread.h"

namespace penstock {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kLongestDatagram = 65536;

struct Socket {
  UniqueFd fd;
  std::uint16_t port;  // host order
};

Status set_option(int fd, int level, int name, int value, const char* text) {
  if (setsockopt(fd, level, name, &value, sizeof(value)) < 0) return fail(std::string("set ") + text, errno);
  return {};
}

Result<Socket> open_socket(const NetNamespace& ns, std::uint16_t port, int buffer_bytes) {
  const std::string what = fmt::format("open the UDP oracle on port {}", port);
  Result<UniqueFd> fd = ns.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  if (!fd) return fail(what, fd.error());
  if (const Status s = set_option(fd->get(), SOL_SOCKET, SO_RCVBUFFORCE, buffer_bytes, "SO_RCVBUFFORCE");
      !s) {
    return fail(what, s.error());
  }
  int granted = 0;
  socklen_t length = sizeof(granted);
  getsockopt(fd->get(), SOL_SOCKET, SO_RCVBUF, &granted, &length);
  if (granted < buffer_bytes) {
    return fail(fmt::format("{}: receive buffer is {} bytes, not {}", what, granted, buffer_bytes));
  }
  if (const Status s = set_option(fd->get(), IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO"); !s) {
    return fail(what, s.error());
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (bind(fd->get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0) {
    return fail(what + ": bind", errno);
  }
  return Socket{std::move(*fd), port};
}

Result<std::uint64_t> read_drops(int fd) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t length = sizeof(memory);
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory.data(), &length) < 0) return fail("SO_MEMINFO", errno);
  return memory[SK_MEMINFO_DROPS];
}

Ipv4Address destination_of(msghdr& message) {
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control; control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level != IPPROTO_IP || control->cmsg_type != IP_PKTINFO) continue;
    in_pktinfo info;
    std::memcpy(&info, CMSG_DATA(control), sizeof(info));
    return Ipv4Address::from_network(info.ipi_addr.s_addr);
  }
  return {};
}

// Memory for one recvmmsg call.
struct Batch {
  struct Slot {
    std::array<std::byte, kLongestDatagram> payload;
    sockaddr_in source;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in_pktinfo))> control;
    iovec vector;
  };
  std::vector<Slot> slots{kBatch};
  std::array<mmsghdr, kBatch> messages{};

  int receive(int fd) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      Slot& slot = slots[i];
      slot.vector = {slot.payload.data(), slot.payload.size()};
      messages[i].msg_hdr = {.msg_name = &slot.source,
                             .msg_namelen = sizeof(slot.source),
                             .msg_iov = &slot.vector,
                             .msg_iovlen = 1,
                             .msg_control = slot.control.data(),
                             .msg_controllen = slot.control.size(),
                             .msg_flags = 0};
    }
    return recvmmsg(fd, messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  }
};

}  // namespace

struct UdpOracle::Sockets {
  std::vector<Socket> sockets;
  Callback callback;
  Report report;
  Batch batch;
  std::optional<PollThread> thread;  // last: it uses the others

  void drain(const Socket& socket) {
    int received = 0;
    while ((received = batch.receive(socket.fd.get())) > 0) {
      for (int i = 0; i < received; ++i) {
        mmsghdr& message = batch.messages[static_cast<std::size_t>(i)];
        const Batch::Slot& slot = batch.slots[static_cast<std::size_t>(i)];
        const Endpoint source{Ipv4Address::from_network(slot.source.sin_addr.s_addr),
                              ntohs(slot.source.sin_port)};
        const Endpoint destination{destination_of(message.msg_hdr), socket.port};
        if (message.msg_hdr.msg_flags & MSG_TRUNC) ++report.truncated;
        ++report.received;
        callback(source, destination, std::span(slot.payload).first(message.msg_len));
      }
    }
  }
};

UdpOracle::UdpOracle(std::unique_ptr<Sockets> sockets) : sockets_(std::move(sockets)) {}
UdpOracle::UdpOracle(UdpOracle&&) noexcept = default;
UdpOracle::~UdpOracle() = default;

Result<UdpOracle> UdpOracle::start(const NetNamespace& ns, std::span<const std::uint16_t> ports,
                                   Callback callback, int buffer_bytes) {
  auto sockets = std::make_unique<Sockets>();
  sockets->callback = std::move(callback);
  std::vector<int> descriptors;
  for (const std::uint16_t port : ports) {
    Result<Socket> socket = open_socket(ns, port, buffer_bytes);
    if (!socket) return tl::unexpected(socket.error());
    descriptors.push_back(socket->fd.get());
    sockets->sockets.push_back(std::move(*socket));
  }
  Result<PollThread> thread = PollThread::start(descriptors, [self = sockets.get()] {
    for (const Socket& socket : self->sockets) {
      self->drain(socket);
    }
    return true;
  });
  if (!thread) return tl::unexpected(thread.error());
  sockets->thread.emplace(std::move(*thread));
  return UdpOracle(std::move(sockets));
}

Result<UdpOracle::Report> UdpOracle::stop() {
  sockets_->thread->stop();
  for (const Socket& socket : sockets_->sockets) {
    const Result<std::uint64_t> drops = read_drops(socket.fd.get());
    if (!drops) return tl::unexpected(drops.error());
    sockets_->report.drops += *drops;
  }
  return sockets_->report;
}

}  // namespace penstock
