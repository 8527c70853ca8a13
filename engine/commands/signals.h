// The signals that `penstock run` takes, as events of its supervising thread.
//
// Thread safety: functions; take_signals() before any other thread is started.
#pragma once

#include <optional>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

namespace penstock {

// SIGTERM, SIGINT, SIGUSR1 and SIGHUP, blocked for this thread and every one that it starts, and readable
// from the descriptor. SIGPIPE is ignored: whoever reads our output may go before us.
Result<UniqueFd> take_signals();

// The next that has come; none when there is none. Never blocks.
std::optional<int> next_signal(int signals);

}  // namespace penstock
