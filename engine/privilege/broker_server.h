// The broker's own side (broker.h): takes a request, has it made, answers, until the engine has gone.
#pragma once

#include <sys/types.h>

#include "engine/base/unique_fd.h"
#include "engine/privilege/broker.h"

namespace penstock {

// In a fresh child of `engine`, which it serves and ends with; every other descriptor but stderr is closed.
[[noreturn]] void serve_broker(UniqueFd socket, pid_t engine, const BrokerConfig& config);

}  // namespace penstock
