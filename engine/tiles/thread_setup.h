// What a thread of the engine does first.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace penstock {

// Names the calling thread as `top -H` shows it (the kernel keeps 15 characters), pins it to `cpu` unless
// that is -1, and asks the kernel not to round its sleeps up by 50 µs. Errors: EINVAL for a CPU that is not
// there or not ours.
Status set_up_thread(const std::string& name, int cpu);

}  // namespace penstock
