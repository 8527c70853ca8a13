// Places of ports.
#include "engine/receive/port_list.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {

Result<PortList> PortList::create(std::span<const std::uint16_t> ports) {
  if (ports.empty()) return fail("no UDP port is listed", 0, "list at least one");
  PortList list;
  for (const std::uint16_t port : ports) {
    if (Status s = list.add(port); !s) return tl::unexpected(s.error());
  }
  return list;
}

Status PortList::add(std::uint16_t port) {
  if (port == 0) return fail("port 0 is listed");
  if (contains(port)) return fail(fmt::format("port {} is listed twice", port));
  // Its old place, else an unused one, else any that is free.
  auto place =
      std::find_if(places_.begin(), places_.end(), [port](const Place& p) { return p.port == port; });
  if (place == places_.end())
    place = std::find_if(places_.begin(), places_.end(), [](const Place& p) { return p.port == 0; });
  if (place == places_.end())
    place = std::find_if(places_.begin(), places_.end(), [](const Place& p) { return !p.listed; });
  if (place == places_.end())
    return fail(fmt::format("list port {}: {} are listed already", port, kMaxPorts), 0,
                "remove a port first; a removed one counts until what it got has been received");
  *place = {.port = port, .listed = true};
  return {};
}

void PortList::remove(std::uint16_t port) {
  const auto place = place_of(port);
  PENSTOCK_CHECK(place.has_value());
  places_[*place].listed = false;
}

Result<PortList> PortList::joined_with(std::span<const std::uint16_t> ports) const {
  if (const Result<PortList> valid = create(ports); !valid) return tl::unexpected(valid.error());
  PortList joint = *this;
  for (const std::uint16_t port : ports) {
    if (joint.contains(port)) continue;
    if (Status s = joint.add(port); !s) return tl::unexpected(s.error());
  }
  return joint;
}

PortList PortList::only(std::span<const std::uint16_t> ports) const {
  PortList left = *this;
  for (Place& place : left.places_)
    place.listed = place.listed && std::find(ports.begin(), ports.end(), place.port) != ports.end();
  return left;
}

std::optional<std::uint8_t> PortList::place_of(std::uint16_t port) const {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].listed && places_[i].port == port) return static_cast<std::uint8_t>(i);
  }
  return std::nullopt;
}

std::vector<std::uint16_t> PortList::ports() const {
  std::vector<std::uint16_t> ports;
  for (const Place& place : places_) {
    if (place.listed) ports.push_back(place.port);
  }
  return ports;
}

PortPlaces PortList::places() const {
  PortPlaces places{};
  std::size_t next = 0;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].listed) places[next++] = static_cast<std::uint8_t>(i);
  }
  return places;
}

std::vector<std::uint16_t> PortList::names() const {
  std::vector<std::uint16_t> names;
  for (const Place& place : places_) {
    if (place.port == 0) break;
    names.push_back(place.port);
  }
  return names;
}

}  // namespace penstock
