// The clocks: the time of day that captures and the journal have, and the source that every look at a clock
// costs.
//
// Source: adjtimex(2); /sys/devices/system/clocksource.
//
// Thread safety: reads; changes nothing.
#pragma once

#include <string>

#include "engine/doctor/finding.h"

namespace penstock {

struct ClockState {
  bool synchronized = false;
  std::string source{};  // "tsc", "hpet", ...; empty where the kernel does not say
};

ClockState clock_state();

void check_clock(const ClockState& clock, Findings& findings);

}  // namespace penstock
