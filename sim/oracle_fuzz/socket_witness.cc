// Plain UDP sockets, drained one datagram a call.
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include <netinet/in.h>

#include "engine/base/unique_fd.h"
#include "sim/oracle_fuzz/witness.h"

namespace penstock {
namespace {

constexpr std::size_t kLongestDatagram = 65536;
constexpr int kBufferBytes = 64 << 20;  // a batch of the longest frames and more

struct Socket {
  UniqueFd fd;
  int family;
  std::uint16_t port;  // host order
};

Status set_option(int fd, int level, int name, int value) {
  if (setsockopt(fd, level, name, &value, sizeof(value)) == 0) return {};
  return fail("set an option of a plain UDP socket", errno);
}

Status bind_to(int fd, int family, Ipv4Address only, std::uint16_t port) {
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(port);
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(port);
  ipv4.sin_addr.s_addr = only.network();
  const auto* address = family == AF_INET6 ? reinterpret_cast<const sockaddr*>(&ipv6)
                                           : reinterpret_cast<const sockaddr*>(&ipv4);
  const socklen_t length = family == AF_INET6 ? sizeof(ipv6) : sizeof(ipv4);
  if (::bind(fd, address, length) == 0) return {};
  return fail("bind a plain UDP socket to port " + std::to_string(port), errno);
}

Result<Socket> open_socket(const NetNamespace& ns, int family, Ipv4Address only, std::uint16_t port) {
  Result<UniqueFd> fd = ns.socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  if (!fd) return tl::unexpected(fd.error());
  Status status = set_option(fd->get(), SOL_SOCKET, SO_RCVBUFFORCE, kBufferBytes);
  if (status && family == AF_INET) status = set_option(fd->get(), IPPROTO_IP, IP_PKTINFO, 1);
  if (status && family == AF_INET6) status = set_option(fd->get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (status && family == AF_INET6) status = set_option(fd->get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  if (status) status = bind_to(fd->get(), family, only, port);
  if (!status) return tl::unexpected(status.error());
  return Socket{std::move(*fd), family, port};
}

Ipv6Address destination_of(msghdr& message) {
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(control), sizeof(info));
      return mapped(Ipv4Address::from_network(info.ipi_addr.s_addr));
    }
    if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(control), sizeof(info));
      Ipv6Address address;
      std::memcpy(address.bytes.data(), &info.ipi6_addr, address.bytes.size());
      return address;
    }
  }
  return {};
}

void set_source(const sockaddr_storage& from, Datagram& datagram) {
  if (from.ss_family == AF_INET) {
    sockaddr_in address;
    std::memcpy(&address, &from, sizeof(address));
    datagram.source = mapped(Ipv4Address::from_network(address.sin_addr.s_addr));
    datagram.source_port = ntohs(address.sin_port);
  } else {
    sockaddr_in6 address;
    std::memcpy(&address, &from, sizeof(address));
    std::memcpy(datagram.source.bytes.data(), &address.sin6_addr, datagram.source.bytes.size());
    datagram.source_port = ntohs(address.sin6_port);
  }
}

class SocketWitness final : public Witness {
 public:
  explicit SocketWitness(std::vector<Socket> sockets) : sockets_(std::move(sockets)) {}

  Status take(std::vector<Datagram>& to) override {
    for (const Socket& socket : sockets_) {
      while (receive(socket, to)) {
      }
      if (errno != EAGAIN) return fail("receive by a plain UDP socket", errno);
    }
    return {};
  }

  Status wait(Nanoseconds timeout) override {
    std::vector<pollfd> polled;
    for (const Socket& socket : sockets_)
      polled.push_back({socket.fd.get(), POLLIN, 0});
    const timespec longest{timeout / kSecond, timeout % kSecond};
    if (ppoll(polled.data(), polled.size(), &longest, nullptr) < 0 && errno != EINTR)
      return fail("wait for plain UDP sockets", errno);
    return {};
  }

  // A full buffer is seen in the namespace's counters, which the stage reads.
  Result<std::vector<std::string>> losses() override { return std::vector<std::string>{}; }
  bool hears_slow_way() const override { return true; }
  bool hears_slow_ipv6() const override { return true; }

 private:
  bool receive(const Socket& socket, std::vector<Datagram>& to) {
    sockaddr_storage from{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> control;
    iovec vector{payload_.data(), payload_.size()};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof(from);
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t length = recvmsg(socket.fd.get(), &message, MSG_DONTWAIT);
    if (length < 0) return false;
    Datagram& datagram = to.emplace_back();
    datagram.destination = destination_of(message);
    datagram.destination_port = socket.port;
    set_source(from, datagram);
    datagram.payload.assign(payload_.begin(), payload_.begin() + length);
    return true;
  }

  std::vector<Socket> sockets_;
  std::vector<std::byte> payload_{kLongestDatagram};
};

}  // namespace

Result<std::unique_ptr<Witness>> open_socket_witness(const VethTopology::End& receiver,
                                                     std::span<const std::uint16_t> ports, bool ipv6,
                                                     Ipv4Address only) {
  std::vector<Socket> sockets;
  for (const int family : {AF_INET, AF_INET6}) {
    if (family == AF_INET6 && !ipv6) continue;
    for (const std::uint16_t port : ports) {
      Result<Socket> socket = open_socket(receiver.ns, family, only, port);
      if (!socket) return tl::unexpected(socket.error());
      sockets.push_back(std::move(*socket));
    }
  }
  return std::make_unique<SocketWitness>(std::move(sockets));
}

}  // namespace penstock
