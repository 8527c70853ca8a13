// What becomes of a process that makes a system call which its list does not allow: a line on stderr that
// names the thread and the call, and the end with kRefusedStatus. The call is not made.
//
// Thread safety: once, before any list is in force.
#pragma once

#include "engine/base/result.h"

namespace penstock {

inline constexpr int kRefusedStatus = 4;

Status end_on_refused_calls();

}  // namespace penstock
