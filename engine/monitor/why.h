// "Why do I receive nothing?": one sentence and one command, from two samples of a running engine.
//
// A pure function over what was counted between them. Causes are asked for from the outside in, and of those
// the one that says most first:
//
//   the interface is down, a tile stands still
//   payloads come, and the shred stage uses none of them           by its reason (causes.h)
//   datagrams come, but by the slow way                            by the reason that they were passed for
//   frames for our ports come, and are lost in front of the engine
//   frames for our ports come, and are passed to the host          by the classifier's reason (causes.h)
//   nothing reaches the interface; or the program does not see what does
//   what could hide ours: VLAN, GRE, IPv6, fragments, options      when it is a tenth of all frames
//   UDP to other ports; other traffic only
//
// The classifier looks at a frame's port before its addresses: a frame that it passes for its destination was
// for one of our ports, and says more than a thousand frames of somebody else's.
//
// What the kernel counts is up to 50 ms behind what the engine counts, so that the two samples may part a
// datagram from its redirect: that alone is no cause.
//
// Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>

#include "engine/monitor/sample.h"

namespace penstock {

struct Answer {
  std::string cause;      // "no_socket", "passed_destination": for programs and tests
  std::string sentence;   // without a full stop
  std::string command;    // what shows or mends it
  bool receives = false;  // something comes, though not as it should
};

// Nothing when datagrams come by the way in that is in use, and the shred stage, if there is one, uses some.
// An engine that was started anew between the samples is taken from its start.
std::optional<Answer> why_nothing(const EngineSample& before, const EngineSample& now);

// What was counted between the samples; all of `now` when the engine was started anew in between.
CounterSnapshot counted_between(const EngineSample& before, const EngineSample& now);

}  // namespace penstock
