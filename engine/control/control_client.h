// An operator's side of the control socket: asks a running engine, and waits for its answer.
//
// Thread safety: a function.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/control/control_message.h"

namespace penstock {

// The answer has no control characters but ends of line: it came from another process. Errors: nobody listens
// at `path`; EACCES; no answer within `patience`. REQUIRES: a request of at most kMostRequest bytes.
Result<ControlAnswer> ask_engine(const std::string& path, std::string_view request, Nanoseconds patience);

}  // namespace penstock
