// Counts the allocations of a test's own process. A binary that links this has operator new replaced.
//
// Thread safety: any thread may allocate and ask.
#pragma once

#include <cstdint>

namespace penstock {

// Calls of operator new so far.
std::uint64_t allocations();

}  // namespace penstock
