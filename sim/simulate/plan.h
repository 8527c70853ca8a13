// What one simulated run does, drawn from one seed: the shape of the rings, the timing, and a list of events
// in order of time: frames that come in, and faults. A plan is plain data, so that a failing one can be made
// smaller by leaving events out (shrink.h) and kept in a file (plan_file.h).
//
// Swarm testing (Groce et al., ISSTA 2012; FoundationDB, TigerBeetle): each seed first draws which faults
// take part at all. A mix of everything hides what only a long run of one thing finds.
//
// Same seed, same plan, on any machine (engine/base/random.h).
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/classify/classifier.h"
#include "sim/nic_model/ring_engine.h"
#include "sim/nic_model/ring_world.h"

namespace penstock {

// What a simulated frame is made of; its bytes are made of this alone (frames.h).
struct SimFrame {
  enum class Kind : std::uint8_t {
    kOurs,    // a good datagram to the port of place `value`, listed or not
    kOther,   // UDP to a port that is never listed
    kMutant,  // number `value` of a mutated frame's stream (engine/classify/fuzz)
  };

  Kind kind = Kind::kOurs;
  std::uint32_t value = 0;
  std::uint16_t flow = 0;    // of kOurs and kOther: one source each
  std::uint16_t bytes = 64;  // of payload, of kOurs and kOther
  std::uint32_t number = 0;  // in the payload: two frames of one number are duplicates
  // On the wire: what is left of the frame (0: all), and a bit that is wrong (below 0: none).
  std::uint16_t cut = 0;
  std::int32_t flipped_bit = -1;

  bool operator==(const SimFrame&) const = default;
};

// What happens; what `a` and `b` mean, and which switch of the swarm the event belongs to, stands in
// event_names().
enum class SimEventKind : std::uint8_t {
  kFrame,
  kStallConsumer,
  kResumeConsumer,
  kStallEngine,
  kResumeEngine,
  kStallTile,
  kResumeTile,
  kLinkDown,
  kLinkUp,
  kClearSocket,  // a: queue; its slot of the XSKMAP becomes empty
  kSetSocket,    // a: queue
  kDetach,       // the XDP program is taken off, as in a swap that is not atomic
  kAttach,
  kAddPort,     // a: place
  kRemovePort,  // a: place
  kRebalance,   // a: by how many places the indirection table is turned
  kJumpClock,   // a: microseconds
  kFailWake,    // a: errno, b: so many times
  kFailWait,
  kFailStatistics,
  kReload,      // the engine drains, goes, and a new one comes
  kLoseFrames,  // a: so many, from the next one on, never reach the NIC
  kSetQueues,   // a: RX queues of the NIC; refused while a socket has one that would go
};
inline constexpr std::size_t kSimEventKinds = 23;
inline constexpr std::uint32_t kMostSimQueues = 32;

struct SimEventName {
  SimEventKind kind;
  std::string_view name;
  int values;  // how many of a, b it has
};
std::span<const SimEventName> event_names();
std::string_view to_string(SimEventKind kind);

struct SimEvent {
  Nanoseconds at = 0;  // after the start, never before the event in front of it
  SimEventKind kind = SimEventKind::kFrame;
  std::uint32_t a = 0, b = 0;
  SimFrame frame{};

  bool operator==(const SimEvent&) const = default;
};

// Ports by place; the first kPortsAtStart of them are listed from the start.
inline constexpr std::uint16_t kSimPorts[] = {8003, 8701, 8900};
inline constexpr std::size_t kPortsAtStart = 2;
inline constexpr std::uint16_t kSimOtherPort = 9000;

struct SimPlan {
  std::uint64_t seed = 0;
  RingEngineConfig ring{};  // its classifier is the simulation's own (frames.h)
  RingTiming timing{};
  std::vector<SimEvent> events;
};

SimPlan draw_plan(std::uint64_t seed);

// The host that simulated frames are for, with all of kSimPorts listed.
ClassifierConfig sim_classifier();

}  // namespace penstock
