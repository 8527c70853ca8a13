// `penstock reload`, `penstock swap-programs`: an operator's request to a running engine, with its answer.
//
// Thread safety: a function.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/control/control_message.h"

namespace penstock {

struct ControlCommand {
  std::string_view request{};                     // control_message.h
  std::string control = "/run/penstock/control";  // `penstock run --control`, as the unit has it
};

// Prints what was done. Errors: what was not, in the engine's words; that nobody answers.
Status command_engine(const ControlCommand& command);

}  // namespace penstock
