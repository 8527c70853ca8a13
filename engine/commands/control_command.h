// `penstock reload`, `penstock swap-programs`: an operator's request to a running engine, with its answer.
//
// Thread safety: a function.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace penstock {

struct ControlCommand {
  std::string request{};
  std::string control = "/run/penstock/control";  // `penstock run --control`, as the unit has it
};

// Prints what was done. Errors: what was not, in the engine's words; that nobody answers.
Status command_engine(const ControlCommand& command);

}  // namespace penstock
