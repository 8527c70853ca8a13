// AF_PACKET, protocol 0: sends only, receives nothing.
#include "sim/topology/testing/raw_sender.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

namespace penstock::testing {

Result<RawSender> RawSender::open(const NetNamespace& ns, unsigned interface_index) {
  Result<UniqueFd> socket = ns.socket(AF_PACKET, SOCK_RAW, 0);
  if (!socket) return tl::unexpected(socket.error());
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(interface_index);
  if (bind(socket->get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0) {
    return fail("bind an AF_PACKET socket", errno);
  }
  return RawSender(std::move(*socket));
}

Status RawSender::send(std::span<const std::byte> frame) const {
  const ssize_t sent = ::send(socket_.get(), frame.data(), frame.size(), 0);
  if (sent < 0) return fail("send a frame", errno);
  return {};
}

}  // namespace penstock::testing
