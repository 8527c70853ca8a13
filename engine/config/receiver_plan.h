// The whole file of `penstock run` as the receiver takes it: what `run` opens and `doctor` predicts by.
// Thread safety: a pure function.
#pragma once

#include <cstdint>

#include "engine/config/run_config.h"
#include "engine/receive/open_receiver.h"

namespace penstock {

// `queues`: of the interface.
ReceiverPlan receiver_plan(const RunConfig& run, std::uint32_t queues);

}  // namespace penstock
