// Capabilities given up for good (capabilities(7)). Each thread has its own; a new one gets its maker's.
//
// Thread safety: of the calling thread alone.
#pragma once

#include <cstdint>

#include "engine/base/result.h"

namespace penstock {

enum class Keep : std::uint8_t {
  kNothing,
  // CAP_IPC_LOCK, if it is there: the UMEM is registered out of the memory of who registers it, and counts
  // against RLIMIT_MEMLOCK without. It lets a thread lock memory, and nothing else.
  kMemoryLock,
};

// Effective, permitted, inheritable and ambient. They do not come back: not by execve() either, once
// PR_SET_NO_NEW_PRIVS is set.
Status give_up_capabilities(Keep keep);

}  // namespace penstock
