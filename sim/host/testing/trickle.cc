// A UDP socket and a pause.
#include "sim/host/testing/trickle.h"

#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include <netinet/in.h>

#include "engine/base/unique_fd.h"
#include "sim/topology/netns.h"

namespace penstock {

Trickle::Trickle(const VethTopology& topology, std::uint16_t port) {
  auto thread = start_thread_in(
      topology.sender().ns,
      [this, to = topology.receiver().address, port](const std::stop_token& token) { run(token, to, port); });
  if (!thread) throw std::runtime_error(thread.error().message());
  thread_ = std::move(*thread);
}

std::uint64_t Trickle::stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  return sent_;
}

void Trickle::run(const std::stop_token& token, const Ipv4Address& to, std::uint16_t port) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = to.network();
  while (!token.stop_requested()) {
    const std::uint64_t number = sent_;
    if (sendto(socket.get(), &number, sizeof(number), 0, reinterpret_cast<const sockaddr*>(&address),
               sizeof(address)) == sizeof(number)) {
      ++sent_;
    }
    usleep(600);
  }
}

}  // namespace penstock
