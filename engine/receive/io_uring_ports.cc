// Other ports while it runs: held apart, taken between two polls, let go of when they are empty.
#include <errno.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/receive/io_uring_receiver.h"
#include "engine/receive/udp_sockets.h"

namespace penstock {

Result<PortHold> IoUringReceiver::hold_port(std::uint16_t port) const {
  Result<UniqueFd> fd = privileges_->hold_udp_port(port, buffer_bytes_);
  if (!fd) return fail(fmt::format("hold UDP port {}", port), fd.error());
  return PortHold{.port = port, .fd = std::move(*fd)};
}

Result<std::vector<PortHold>> IoUringReceiver::hold_ports(std::span<const std::uint16_t> added) const {
  return hold_each(added, [this](std::uint16_t port) { return hold_port(port); });
}

Status IoUringReceiver::take_ports(std::span<const std::uint16_t> ports, std::vector<PortHold> holds) {
  if (!ports_settled()) return fail("list other ports: one that was removed is not let go of yet", EBUSY);
  const Result<PortList> joint = list_.joined_with(ports);
  if (!joint) return tl::unexpected(joint.error());
  for (PortHold& hold : holds)
    ports_[*joint->place_of(hold.port)] = {.fd = std::move(hold.fd), .number = hold.port};
  list_ = joint->only(ports);
  for (Port& port : ports_)
    port.closing = port.fd && !list_.contains(port.number);
  return {};
}

bool IoUringReceiver::ports_settled() const {
  return std::none_of(ports_.begin(), ports_.end(), [](const Port& port) { return port.closing; });
}

void IoUringReceiver::let_go() {
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    Port& port = ports_[i];
    if (!port.closing || port.cancelling) continue;
    if (port.asked) {
      io_uring_sqe* const request = next_request();
      io_uring_prep_cancel64(request, i, 0);
      request->user_data = kCancelling | i;
      port.cancelling = true;
    } else if (const Result<std::uint64_t> waiting = bytes_waiting_at(port.fd.get());
               waiting.value_or(0) == 0) {
      drops_of_closed_ += dropped_at(port.fd.get()).value_or(0);
      port = {};
    }
  }
}

}  // namespace penstock
