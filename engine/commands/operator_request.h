// What an operator asks of a running engine, by the control socket (engine/control) or by SIGHUP:
//
//   "reload"         as ConfigFile::reload(); done when nothing of it failed
//   "swap-programs"  as RunningEngine::swap_programs()
//
// Thread safety: the supervising thread's.
#pragma once

#include <string_view>

#include "engine/commands/config_file.h"
#include "engine/commands/running_engine.h"
#include "engine/control/control_message.h"

namespace penstock {

// `engine`: null while none runs.
ControlAnswer obey(std::string_view request, ConfigFile& file, RunningEngine* engine);

}  // namespace penstock
