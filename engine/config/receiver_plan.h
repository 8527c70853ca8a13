// The whole file of `penstock run` as the receiver takes it: what `run` opens and `doctor` predicts by.
// Thread safety: a pure function.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "engine/config/run_config.h"
#include "engine/receive/open_receiver.h"

namespace penstock {

// What the file asks of the interface's queues and they cannot give, with the fix.
Status fits_queues(const RunConfig& run, std::uint32_t queues);

// The file as if one of its further interfaces, which has one net thread, were all.
RunConfig alone(const RunConfig& run, const std::string& further_interface);

// `queues`: of the interface; `of_further`: of each further one, or nothing for as many as the first has.
// REQUIRES: the file fits them.
ReceiverPlan receiver_plan(const RunConfig& run, std::uint32_t queues,
                           std::span<const std::uint32_t> of_further = {});

}  // namespace penstock
