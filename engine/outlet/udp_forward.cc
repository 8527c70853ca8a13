// A connected socket.
#include "engine/outlet/udp_forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include <utility>

#include <netinet/in.h>

namespace penstock {

Result<std::unique_ptr<UdpForward>> UdpForward::open(const Endpoint& to) {
  const std::string what = "forward to " + to.address.to_string() + ":" + std::to_string(to.port);
  UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return fail(what, errno);
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in there = from;
  there.sin_addr.s_addr = to.address.network();
  there.sin_port = htons(to.port);
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&from), sizeof(from)) != 0 ||
      connect(socket.get(), reinterpret_cast<const sockaddr*>(&there), sizeof(there)) != 0)
    return fail(what, errno);
  return std::unique_ptr<UdpForward>(new UdpForward(std::move(socket)));
}

// ECONNREFUSED tells of an earlier one: nobody listened. It is sent again, since this one may find somebody.
void UdpForward::send(std::span<const std::byte> payload) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (::send(socket_.get(), payload.data(), payload.size(), MSG_NOSIGNAL) >= 0) {
      counters_.add(Counter::kForwardSent);
      return;
    }
    if (errno != ECONNREFUSED) break;
    counters_.add(Counter::kForwardRefused);
  }
  counters_.add(Counter::kForwardDropped);
}

}  // namespace penstock
