// The whole file of `penstock run` as the receiver takes it: what `run` opens and `doctor` predicts by.
// Thread safety: a pure function.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/config/run_config.h"
#include "engine/receive/open_receiver.h"

namespace penstock {

// What the file asks of the interface's queues and they cannot give, with the fix.
Status fits_queues(const RunConfig& run, std::uint32_t queues);

// `queues`: of the interface. REQUIRES: the file fits them.
ReceiverPlan receiver_plan(const RunConfig& run, std::uint32_t queues);

}  // namespace penstock
