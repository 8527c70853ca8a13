// `penstock doctor`: looks at what a configuration will meet, says what is wrong and what mends it, and
// predicts which way `penstock run` would take. Opens nothing for longer than a look; needs no privilege, and
// says of what it has too little.
//
// The prediction goes by what was found. Whether a driver has native XDP shows only when a program is
// attached, so that step is taken as given.
//
// Thread safety: none.
#pragma once

#include <string>

#include "engine/config/run_config.h"
#include "engine/doctor/finding.h"

namespace penstock {

struct Diagnosis {
  Findings findings;
  std::string prediction;  // one sentence
};

Diagnosis diagnose(const RunConfig& config);

}  // namespace penstock
