// Asks a running engine for a sample, over its metrics endpoint.
//
// Thread safety: a function; blocks for at most kFetchPatience.
#pragma once

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/http/listen_address.h"
#include "engine/monitor/sample.h"

namespace penstock {

inline constexpr Nanoseconds kFetchPatience = 2 * kSecond;

// Errors: nobody there (ECONNREFUSED), no engine of ours, one that says why it has nothing to show yet.
Result<EngineSample> fetch_sample(const ListenAddress& engine);

}  // namespace penstock
