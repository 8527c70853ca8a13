// [[step]] of a scenario file: what happens at the receiver while traffic flows, and when.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/config/toml_reader.h"

namespace penstock {

enum class StepKind : std::uint8_t {
  kAddPort,         // lists `port` in the receiver
  kRemovePort,      // takes it off the list
  kStallConsumer,   // the first consumer keeps every frame that it is given
  kResumeConsumer,  // it consumes what it kept, and goes on
  kStallEngine,     // the engine's thread polls no more
  kResumeEngine,
  kRestartEngine,  // goes in order, what it was given is consumed first; another comes after `down`
  kKillEngine,     // goes at once, as the kernel takes away what a killed process held; another comes after
                   // `down`
};

std::string_view to_string(StepKind kind);  // "add_port"
bool is_restart(StepKind kind);             // of the engine, either way

struct Step {
  Nanoseconds at = 0;  // after the workload's time 0
  StepKind kind = StepKind::kAddPort;
  std::uint16_t port = 0;  // of kAddPort and kRemovePort, else 0
  Nanoseconds down = 0;    // of kRestartEngine and kKillEngine, else 0
};

// The steps in the order of the file, which must be the order of time. Mistakes are noted in the document.
std::vector<Step> read_steps(TomlReader& root);

}  // namespace penstock
