// One system call.
#include "engine/xdp/loader/bpf_call.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace penstock {

int bpf_call(bpf_cmd command, bpf_attr& attr) {
  const long result = syscall(SYS_bpf, command, &attr, sizeof(attr));
  return result < 0 ? -errno : static_cast<int>(result);
}

}  // namespace penstock
