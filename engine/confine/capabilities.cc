// capset(2), without libcap: two system calls.
#include "engine/confine/capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace penstock {

Status give_up_capabilities(Keep keep) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};  // this thread
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (syscall(SYS_capget, &header, sets.data()) != 0) return fail("read the thread's capabilities", errno);
  const __u32 kept =
      keep == Keep::kMemoryLock ? sets[CAP_TO_INDEX(CAP_IPC_LOCK)].permitted & CAP_TO_MASK(CAP_IPC_LOCK) : 0;
  sets = {};
  sets[CAP_TO_INDEX(CAP_IPC_LOCK)].permitted = kept;
  sets[CAP_TO_INDEX(CAP_IPC_LOCK)].effective = kept;
  if (syscall(SYS_capset, &header, sets.data()) != 0) return fail("give up capabilities", errno);
  return {};
}

}  // namespace penstock
