// The listed ports while they change: which there are, and which place in counters and frags each has.
//
// A port keeps its place (index) as long as it is listed, whatever comes and goes beside it, so that
// published{port} never counts two ports at once under one label. A port that comes back gets its old
// place; a new one gets a place that no port ever had, and only when there is none that of a removed port.
//
// Thread safety: none; a value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/metrics/counters.h"

namespace penstock {

// The place of the n-th port of PortList::ports(), for n below their number.
using PortPlaces = std::array<std::uint8_t, kMaxPorts>;

class PortList {
 public:
  // The given ports in places 0, 1, .... Errors: no port, port 0, a port twice, more than kMaxPorts.
  static Result<PortList> create(std::span<const std::uint16_t> ports);

  // Errors: port 0, listed already, no place left.
  Status add(std::uint16_t port);
  // REQUIRES: contains(port).
  void remove(std::uint16_t port);
  // What is listed while one list gives way to `ports`: both. Errors: no port, port 0, a port twice, no place
  // left.
  Result<PortList> joined_with(std::span<const std::uint16_t> ports) const;
  // Those that are among `ports` too, in their places.
  PortList only(std::span<const std::uint16_t> ports) const;

  bool operator==(const PortList&) const = default;
  bool contains(std::uint16_t port) const { return place_of(port).has_value(); }
  std::optional<std::uint8_t> place_of(std::uint16_t port) const;
  // In order of their places, without gaps: what a ClassifierConfig takes.
  std::vector<std::uint16_t> ports() const;
  PortPlaces places() const;
  // By place, up to the last one ever used: for labels. A port that was removed is still named.
  std::vector<std::uint16_t> names() const;

 private:
  struct Place {
    std::uint16_t port = 0;  // that has it, or had it last
    bool listed = false;
    bool operator==(const Place&) const = default;
  };

  std::array<Place, kMaxPorts> places_{};
};

}  // namespace penstock
