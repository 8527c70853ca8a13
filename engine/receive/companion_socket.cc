// Modes; the sockets do the rest.
#include "engine/receive/companion_socket.h"

#include <errno.h>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/receive/udp_port.h"

namespace penstock {

std::string_view to_string(Companion mode) {
  switch (mode) {
    case Companion::kOwn:
      return "own";
    case Companion::kExternal:
      return "external";
    case Companion::kOff:
      return "off";
  }
  return "";
}

Result<Companion> parse_companion(std::string_view name) {
  for (const Companion mode : {Companion::kOwn, Companion::kExternal, Companion::kOff}) {
    if (name == to_string(mode)) return mode;
  }
  return fail(fmt::format("there is no companion mode '{}'", name), 0, "use own, external or off");
}

Result<std::unique_ptr<CompanionSocket>> CompanionSocket::open(const CompanionConfig& config,
                                                               const FrameMemory& memory,
                                                               std::span<const std::uint32_t> frames,
                                                               std::uint8_t queue, Counters& counters) {
  Result<std::unique_ptr<UdpSockets>> sockets =
      UdpSockets::open({.max_payload = config.max_payload,
                        .buffer_bytes = config.buffer_bytes,
                        .batch = kBatch,
                        .way = WayIn::kCompanion,
                        .queue = queue,
                        .counters = {.rx = Counter::kSlowWayRx,
                                     .published = Counter::kSlowWayPublished,
                                     .published_bytes = std::nullopt,
                                     .discarded = Counter::kSlowWayDiscarded,
                                     .dropped = Counter::kSlowWayDropped},
                        .privileges = config.privileges},
                       memory, frames, counters);
  if (!sockets) return fail("open the companion socket", sockets.error());
  return std::unique_ptr<CompanionSocket>(new CompanionSocket(config, std::move(*sockets)));
}

Status CompanionSocket::add_port(std::uint16_t port, std::uint8_t index) {
  PENSTOCK_CHECK(index < kMaxPorts && port_at(index) == 0);
  if (config_.mode == Companion::kOwn) {
    Status added = sockets_->add_port(port, index);
    return added ? added : fail("open the companion socket", with_fix(added.error()));
  }
  Result<PortHold> hold = hold_port(port);
  if (!hold) return tl::unexpected(hold.error());
  return add_port(std::move(*hold), index);
}

Result<PortHold> CompanionSocket::hold_port(std::uint16_t port) const {
  constexpr const char* kWhat = "open the companion socket";
  PortHold hold{.port = port};
  if (config_.mode == Companion::kOwn) {
    Result<PortHold> own = sockets_->hold_port(port);
    if (!own) return fail(kWhat, with_fix(own.error()));
    hold = std::move(*own);
  }
  if (config_.mode == Companion::kExternal) {
    const Result<bool> held = udp_port_is_held(port);
    if (!held) return fail(kWhat, held.error());
    hold.held_elsewhere = *held;
  }
  return hold;
}

Status CompanionSocket::add_port(PortHold hold, std::uint8_t index) {
  PENSTOCK_CHECK(index < kMaxPorts && port_at(index) == 0);
  if (config_.mode == Companion::kExternal)
    elsewhere_[index] = {.port = hold.port, .held = hold.held_elsewhere};
  if (config_.mode != Companion::kOwn) return {};
  const Status added = sockets_->add_port(std::move(hold), index);
  return added ? added : fail("open the companion socket", added.error());
}

Error CompanionSocket::with_fix(Error error) {
  if (error.code == EADDRINUSE) error.fix += ", or set companion = \"external\" to leave the port to it";
  return error;
}

void CompanionSocket::remove_port(std::uint8_t index) {
  PENSTOCK_CHECK(index < kMaxPorts);
  elsewhere_[index] = {};
  sockets_->remove_port(index);
}

}  // namespace penstock
