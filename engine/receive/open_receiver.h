// Opening the AF_XDP receiver as it was asked for, or the next lesser way, with the reason for each step
// down.
//
//   userspace filter, native  ->  kernel filter, generic
//   kernel filter, native     ->  kernel filter, generic
//   userspace filter, generic ->  kernel filter, generic
//
// A step down is taken for one cause only: the driver has no native XDP (or native was not asked for). What a
// user can mend (a missing capability, a foreign XDP program, a busy queue, a held port) is an error, not a
// slower receiver. With `required` every step down is an error too.
//
// Thread safety: none. The calling thread's network namespace, as AfXdpReceiver.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/receive/af_xdp_receiver.h"

namespace penstock {

struct OpenedReceiver {
  std::unique_ptr<AfXdpReceiver> receiver;
  // Why it is less than what was asked for; empty when it is that. For a reader: "userspace_filter in native
  // mode: attach ...: EOPNOTSUPP (...)".
  std::vector<std::string> steps_down;
};

Result<OpenedReceiver> open_receiver(const AfXdpConfig& config, bool required);

}  // namespace penstock
