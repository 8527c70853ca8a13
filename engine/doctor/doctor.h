// `penstock doctor`: looks at what a configuration will meet, says what is wrong and what mends it, and
// predicts which way `penstock run` would take. Opens nothing for longer than a look; needs no privilege, and
// says of what it has too little.
//
// The prediction goes by what was found. Whether a driver has native XDP shows only when a program is
// attached, so that step is taken as given.
//
// Thread safety: none.
#pragma once

#include <optional>
#include <string>

#include "engine/config/run_config.h"
#include "engine/doctor/finding.h"
#include "engine/receive/open_receiver.h"

namespace penstock {

struct Diagnosis {
  Findings findings;
  std::string prediction;  // one sentence
};

Diagnosis diagnose(const RunConfig& config);

// The way that a restart of a running `penstock` would take now: as predicted, but its ports are taken for
// free, since it holds them itself. Nothing when none is left.
std::optional<WayToReceive> way_after_restart(const RunConfig& config);

}  // namespace penstock
