// One socket, its options, and bind().
#include "engine/receive/udp_port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include <string>

#include <fmt/format.h>
#include <netinet/in.h>

namespace penstock {
namespace {

// Asks for the buffer, and believes only what the kernel says it gave: it doubles the value for its own
// bookkeeping and caps it silently at net.core.rmem_max unless forced.
Status set_buffer(int fd, std::uint32_t bytes) {
  const int wanted = static_cast<int>(bytes);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof(wanted)) != 0 &&
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof(wanted)) != 0)
    return fail("set the receive buffer", errno);
  int granted = 0;
  socklen_t length = sizeof(granted);
  if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &granted, &length) != 0)
    return fail("read the receive buffer's size", errno);
  if (granted / 2 >= wanted) return {};
  return fail(fmt::format("the kernel gives a receive buffer of {} bytes, not {}", granted / 2, wanted),
              EPERM, fmt::format("grant CAP_NET_ADMIN, or `sysctl -w net.core.rmem_max={}`", wanted));
}

Result<UniqueFd> open_udp() {
  UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail("open a UDP socket", errno);
  return fd;
}

// 0 or an errno.
int bind_everywhere(int fd, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? 0 : errno;
}

std::string bind_advice(int code, std::uint16_t port) {
  if (code == EADDRINUSE) {
    return fmt::format("another program holds the port (`ss -lunp 'sport = :{}'` names it): stop it", port);
  }
  return code == EACCES ? "grant CAP_NET_BIND_SERVICE for ports below 1024" : "";
}

}  // namespace

Result<UniqueFd> hold_udp_port(std::uint16_t port, std::uint32_t buffer_bytes) {
  Result<UniqueFd> fd = open_udp();
  if (!fd) return fd;
  if (Status s = set_buffer(fd->get(), buffer_bytes); !s) return tl::unexpected(s.error());
  constexpr int kOn = 1;
  if (setsockopt(fd->get(), IPPROTO_IP, IP_PKTINFO, &kOn, sizeof(kOn)) != 0)
    return fail("set IP_PKTINFO", errno);
  if (const int code = bind_everywhere(fd->get(), port); code != 0)
    return fail("bind", code, bind_advice(code, port));
  return fd;
}

Result<bool> udp_port_is_held(std::uint16_t port) {
  const Result<UniqueFd> probe = open_udp();
  if (!probe) return tl::unexpected(probe.error());
  return bind_everywhere(probe->get(), port) == EADDRINUSE;
}

}  // namespace penstock
