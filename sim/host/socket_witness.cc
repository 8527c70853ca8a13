// Sockets in both namespaces, used from this thread.
#include "sim/host/socket_witness.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <netinet/in.h>

#include "engine/base/clock.h"

namespace penstock {
namespace {

constexpr std::string_view kText = "which interface?";
constexpr int kPatienceMs = 5000;

sockaddr_in ipv4(const LinkedHosts::End& end, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = end.address.network();
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// A socket at `end`, bound to `port` (0: one of the kernel's choice), and to `device` unless that is empty.
struct Bound {
  UniqueFd socket;
  sockaddr_in address{};
};

Result<Bound> bind_at(const LinkedHosts::End& end, int type, const std::string& device,
                      std::uint16_t port = 0) {
  const std::string what = fmt::format("bind a socket at {}", end.interface);
  Result<UniqueFd> socket = end.ns.socket(AF_INET, type, 0);
  if (!socket) return fail(what, socket.error());
  if (!device.empty() && setsockopt(socket->get(), SOL_SOCKET, SO_BINDTODEVICE, device.c_str(),
                                    static_cast<socklen_t>(device.size())) < 0) {
    return fail(what + " to device " + device, errno);
  }
  const int on = 1;  // several may have the port, on different devices
  if (setsockopt(socket->get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0) return fail(what, errno);
  Bound bound{std::move(*socket), ipv4(end, port)};
  socklen_t length = sizeof(bound.address);
  if (bind(bound.socket.get(), generic(bound.address), length) < 0 ||
      getsockname(bound.socket.get(), reinterpret_cast<sockaddr*>(&bound.address), &length) < 0) {
    return fail(what, errno);
  }
  return bound;
}

bool is_readable(const UniqueFd& socket, int patience_ms) {
  pollfd polled{socket.get(), POLLIN, 0};
  return poll(&polled, 1, patience_ms) == 1;
}

Status send_text(const LinkedHosts::End& from, const sockaddr_in& to) {
  const Result<Bound> sender = bind_at(from, SOCK_DGRAM, "");
  if (!sender) return tl::unexpected(sender.error());
  if (sendto(sender->socket.get(), kText.data(), kText.size(), 0, generic(to), sizeof(to)) < 0)
    return fail("send a datagram to the receiver's host", errno);
  return {};
}

Status check_packet_info(const LinkedHosts& topology) {
  const std::string what = "UDP socket with IP_PKTINFO";
  const Result<Bound> bound = bind_at(topology.receiver(), SOCK_DGRAM, "");
  if (!bound) return fail(what, bound.error());
  const int on = 1;
  if (setsockopt(bound->socket.get(), IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0) return fail(what, errno);
  if (Status sent = send_text(topology.sender(), bound->address); !sent) return fail(what, sent.error());
  if (!is_readable(bound->socket, kPatienceMs)) return fail(what + ": no datagram came", ETIMEDOUT);

  std::array<char, 64> text{};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in_pktinfo))> control{};
  iovec vector{text.data(), text.size()};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (recvmsg(bound->socket.get(), &message, 0) < 0) return fail(what, errno);
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != IP_PKTINFO) return fail(what + ": no packet info came");
  in_pktinfo info{};
  std::memcpy(&info, CMSG_DATA(header), sizeof(info));
  if (info.ipi_ifindex != static_cast<int>(topology.receiver().index)) {
    return fail(fmt::format("{}: the datagram came by interface {}, {} has index {}", what, info.ipi_ifindex,
                            topology.receiver().interface, topology.receiver().index));
  }
  return {};
}

Status check_bound_datagram(const LinkedHosts& topology) {
  const std::string& device = topology.receiver().interface;
  const std::string what = "UDP socket bound to ";
  const Result<Bound> right = bind_at(topology.receiver(), SOCK_DGRAM, device);
  if (!right) return fail(what + device, right.error());
  if (Status sent = send_text(topology.sender(), right->address); !sent) return sent;
  if (!is_readable(right->socket, kPatienceMs)) return fail(what + device + ": no datagram came", ETIMEDOUT);

  const Result<Bound> wrong = bind_at(topology.receiver(), SOCK_DGRAM, "lo");
  if (!wrong) return fail(what + "lo", wrong.error());
  // On the same port, to be given what the other must not have; else the kernel would answer that nobody
  // is there.
  const Result<Bound> any = bind_at(topology.receiver(), SOCK_DGRAM, "", ntohs(wrong->address.sin_port));
  if (!any) return fail(what + "no device", any.error());
  if (Status sent = send_text(topology.sender(), wrong->address); !sent) return sent;
  if (!is_readable(any->socket, kPatienceMs)) return fail(what + "no device: no datagram came", ETIMEDOUT);
  if (is_readable(wrong->socket, 0)) return fail(what + "lo: it was given a datagram all the same");
  return {};
}

Status check_bound_connection(const LinkedHosts& topology) {
  const std::string what = "TCP socket bound to " + topology.receiver().interface;
  const Result<Bound> listener = bind_at(topology.receiver(), SOCK_STREAM, topology.receiver().interface);
  if (!listener) return fail(what, listener.error());
  if (listen(listener->socket.get(), 1) < 0) return fail(what, errno);
  const Result<UniqueFd> client = topology.sender().ns.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (!client) return fail(what, client.error());
  if (connect(client->get(), generic(listener->address), sizeof(listener->address)) < 0 &&
      errno != EINPROGRESS) {
    return fail(what + ": connect to it", errno);
  }
  if (!is_readable(listener->socket, kPatienceMs)) return fail(what + ": no connection came", ETIMEDOUT);
  const UniqueFd accepted(accept4(listener->socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!accepted) return fail(what + ": accept", errno);
  if (send(client->get(), kText.data(), kText.size(), 0) < 0) return fail(what + ": send", errno);
  std::array<char, 64> text{};
  if (!is_readable(accepted, kPatienceMs)) return fail(what + ": no bytes came", ETIMEDOUT);
  const ssize_t got = recv(accepted.get(), text.data(), text.size(), 0);
  if (got < 0) return fail(what + ": receive", errno);
  if (std::string_view(text.data(), static_cast<std::size_t>(got)) != kText)
    return fail(what + ": other bytes came");
  return {};
}

}  // namespace

Status check_sockets(const LinkedHosts& topology) {
  if (Status s = check_packet_info(topology); !s) return s;
  if (Status s = check_bound_datagram(topology); !s) return s;
  return check_bound_connection(topology);
}

}  // namespace penstock
