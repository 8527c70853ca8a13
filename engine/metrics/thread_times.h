// How long each thread of this process has run on a CPU, by name: how busy the tiles are. The kernel counts
// in ticks (10 ms mostly). A net tile that spins is always busy by this measure.
//
// Source: proc(5), /proc/self/task/TID/{comm,stat}. Thread safety: any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace penstock {

// Milliseconds, of user and system together; threads of one name are summed up. Threads that ended are left
// out.
std::map<std::string, std::uint64_t> thread_times_ms();

}  // namespace penstock
