// A seccomp list (seccomp(2)) as the kernel takes it: one after the other, the calls that are allowed;
// whatever is left raises SIGSYS (refused_call.h).
//
// The kernel remembers which calls are allowed whatever their arguments (Linux 5.11), so that the length of
// the list costs those nothing.
//
// Thread safety: functions.
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "engine/base/result.h"
#include "engine/confine/allowed_calls.h"

namespace penstock {

struct FilterOptions {
  Caller caller = Caller::kEngine;  // whose list it is: not kAll
  bool io_uring = false;
  pid_t process = 0;  // for ArgumentRule::kThisProcess
};

std::vector<sock_filter> seccomp_filter(const FilterOptions& options);

// Onto the calling thread and whatever it starts from now on; what it was under before stays in force.
// REQUIRES: PR_SET_NO_NEW_PRIVS. Errors: EINVAL for a kernel without CONFIG_SECCOMP_FILTER.
Status put_under(const std::vector<sock_filter>& filter);

}  // namespace penstock
