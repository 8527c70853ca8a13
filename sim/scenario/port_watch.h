// Holds ports that come and go to their listing: every datagram of a stream (streams.h) went the way that its
// port's listing says at the time it was sent, and never both ways or neither.
//
//   listed       by the fast way, and not to the host
//   not listed   to the host alone
//   around a change   either, but exactly one; what the host got then may also come by the companion socket,
//                which holds a port a little longer than the kernel lists it, both ways round. The engine may
//                discard a datagram there (port_removed): as many are missing as were counted so.
//
//   around a restart of the engine   at most one of them, whichever port: it is down meanwhile, and what it
//   was
//                given last, or the device had in hand, may go with it. The host must have got some
//
// "Around" is between the begin and the end of the change as measured, with what the sender was late before
// and kGuard on both sides for what the kernel had in hand.
//
// Thread safety: none; a value, filled behind the witnesses' backs after they have ended.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/clock.h"
#include "sim/scenario/result.h"
#include "sim/scenario/steps.h"
#include "sim/scenario/streams.h"

namespace penstock {

// A step as it was done, by CLOCK_MONOTONIC.
struct DoneStep {
  Step step;
  Nanoseconds begun = 0;
  Nanoseconds ended = 0;
};

// When the workload was sent, by CLOCK_MONOTONIC.
struct SendTimes {
  Nanoseconds started = 0;   // at the workload's time 0
  Nanoseconds lateness = 0;  // most of any frame
};

// Numbers of streams' datagrams, as often as each was seen.
struct StreamSightings {
  std::vector<std::uint64_t> fast;
  std::vector<std::uint64_t> slow;
  std::vector<std::uint64_t> host;
};

class PortWatch {
 public:
  static constexpr Nanoseconds kGuard = 50 * kMillisecond;

  // `listed`: the ports that the receiver lists when it starts.
  PortWatch(std::span<const StreamDatagram> datagrams, std::span<const std::uint16_t> listed,
            std::span<const DoneStep> steps, const SendTimes& sent);

  // The check NAME. `port_removed`: what the engine counted under that name.
  Check check(std::string name, const StreamSightings& seen, std::uint64_t port_removed) const;

 private:
  enum class Way : std::uint8_t { kFast, kHost, kEither, kAtMostOne };
  Way way_of(const StreamDatagram& datagram) const;

  std::vector<StreamDatagram> datagrams_;
  std::vector<std::uint16_t> listed_;
  std::vector<DoneStep> steps_;
  SendTimes sent_;
};

}  // namespace penstock
