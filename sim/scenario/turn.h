// What one turn of a path is made of: a fresh veth topology, the engine on its receiving end, a tap on
// what that host's stack sees, and every counter that an account needs.
//
// Thread safety: none; the thread that made it reads it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/config/receiver_spec.h"
#include "engine/metrics/counters.h"
#include "engine/packet/digest.h"
#include "engine/receive/receiver.h"
#include "sim/scenario/demand.h"
#include "sim/scenario/engine_thread.h"
#include "sim/topology/host_tap.h"
#include "sim/topology/redirect_errors.h"
#include "sim/topology/veth.h"
#include "sim/topology/veth_counters.h"

namespace penstock {

struct TurnConfig {
  Path path = Path::kKernelFilter;
  std::vector<std::uint16_t> ports{};
  Demand demand{};
  ReceiverSpec receiver{};
  SetCounting sets = SetCounting::kResolved;
};

// Everything that must stand still before an account is closed.
struct Reading {
  CounterSnapshot engine;  // traffic() only
  VethCounters sender;
  VethCounters receiver;
  std::uint64_t redirect_failed = 0;  // refused by a socket for a reason that XDP_STATISTICS does not count

  bool operator==(const Reading&) const = default;
};

class Turn {
 public:
  // Errors: whatever kept a part from being made, with its name in front.
  static Result<Turn> set_up(const TurnConfig& config);

  const VethTopology& topology() const { return topology_; }
  EngineThread& engine() { return *engine_; }

  Result<Reading> read() const;

  // Ends the tap. `host` is what the stack saw inbound; the report says whether that is all of it.
  Result<HostTap::Report> stop_tap(MultisetDigest& host);

 private:
  Turn(VethTopology topology, VethCounterReader sender, VethCounterReader receiver, HostTap tap,
       std::unique_ptr<MultisetDigest> seen, std::unique_ptr<EngineThread> engine, RedirectErrors errors);

  VethTopology topology_;
  VethCounterReader sender_counters_;
  VethCounterReader receiver_counters_;
  std::unique_ptr<MultisetDigest> seen_by_host_;  // the tap's thread writes it
  HostTap tap_;
  std::unique_ptr<EngineThread> engine_;
  RedirectErrors redirect_errors_;
};

}  // namespace penstock
