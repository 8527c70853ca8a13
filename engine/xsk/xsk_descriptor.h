// A bare AF_XDP socket: the part of opening one that takes a capability.
//
// Capabilities: CAP_NET_RAW; for busy polling CAP_NET_ADMIN. Thread safety: functions.
#pragma once

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/xsk/busy_poll.h"

namespace penstock {

// Bound to nothing. In an XSKMAP slot that is enough to make BPF_PROG_TEST_RUN answer XDP_REDIRECT where an
// empty slot would hide a hit.
Result<UniqueFd> open_xsk(const BusyPoll& busy_poll = {});

}  // namespace penstock
