// A connected socket.
#include "engine/outlet/udp_forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include <string>
#include <utility>

#include <netinet/in.h>

namespace penstock {

namespace {

std::string words_for(const Endpoint& to) {
  return "forward to " + to.address.to_string() + ":" + std::to_string(to.port);
}

sockaddr_in socket_address(std::uint32_t address, std::uint16_t port) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_addr.s_addr = address;
  made.sin_port = htons(port);
  return made;
}

}  // namespace

Result<std::unique_ptr<UdpForward>> UdpForward::open(const Endpoint& to) {
  UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return fail(words_for(to), errno);
  const sockaddr_in from = socket_address(htonl(INADDR_LOOPBACK), 0);
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&from), sizeof(from)) != 0)
    return fail(words_for(to), errno);
  std::unique_ptr<UdpForward> forward(new UdpForward(std::move(socket)));
  if (Status s = forward->redirect(to); !s) return tl::unexpected(s.error());
  return forward;
}

// To the kernel a datagram goes to the one or the other.
Status UdpForward::redirect(const Endpoint& to) {
  const sockaddr_in there = socket_address(to.address.network(), to.port);
  if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&there), sizeof(there)) != 0)
    return fail(words_for(to), errno);
  return {};
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
