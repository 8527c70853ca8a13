// What a thread of the engine does first.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace penstock {

// Names the calling thread as `top -H` shows it (the kernel keeps 15 characters), pins it to `cpu` unless
// that is -1, asks the kernel not to round its sleeps up by 50 µs, and shuts the thread in as a tile where
// the process is confined (engine/confine). Errors: EINVAL for a CPU that is not there or not ours.
// `opens_files`: it is shut in as a helper, whose list is longer.
Status set_up_thread(const std::string& name, int cpu, bool opens_files = false);

}  // namespace penstock
