// What one host's end of the links counts: its devices, and the frames that its stack sends through them;
// over all of its interfaces together.
//
// Ports of a lab have counted before: totals are since open(), but for before() and now().
//
// Needs what HostFrames needs. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "sim/topology/host_frames.h"
#include "sim/topology/linked_hosts.h"
#include "sim/topology/port_counters.h"

namespace penstock {

class EndCounters {
 public:
  static Result<EndCounters> open(const LinkedHosts::End& end);

  const PortCounters& before() const { return before_; }
  Result<PortCounters> now() const;
  Result<PortCounters> device() const;
  Result<std::uint64_t> host_frames() const;

  // The longest of the devices' (PortCounterReader::settling()).
  Nanoseconds settling() const;

 private:
  std::vector<PortCounterReader> ports_;
  std::vector<HostFrames> hosts_;
  PortCounters before_{};
};

}  // namespace penstock
