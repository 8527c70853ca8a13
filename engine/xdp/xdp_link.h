// Putting an XDP program on an interface, and another one in its place: by bpf_link, which the kernel ends
// when its last descriptor is closed, so that kill -9 leaves no program behind.
//
// A foreign XDP program on the interface is an error that names it; it is never replaced.
//
// Capabilities: CAP_NET_ADMIN. Thread safety: functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/classify/classifier.h"

namespace penstock {

// Where in the kernel the program runs.
enum class AttachMode : std::uint8_t {
  kNative,   // in the driver, before an skb exists
  kGeneric,  // in the stack, for drivers without XDP
};

std::string_view to_string(AttachMode mode);

struct XdpPlace {
  std::string interface;  // for messages
  unsigned interface_index = 0;
  AttachMode mode = AttachMode::kNative;
  Filter filter = Filter::kKernel;  // for advice: what else there is
};

// Errors: EBUSY or EEXIST with the foreign program's name, id, mode and what holds it (xdp_holder.h);
// EOPNOTSUPP for a driver without native XDP; ERANGE for an MTU that native XDP cannot carry.
Result<UniqueFd> attach_xdp(int program, const XdpPlace& place);

// Puts `program` into the link in place of `running`, in one step: each frame is judged by the one or the
// other. Errors: EPERM when somebody else has updated the link; the running program then stays.
Status replace_xdp(int link, int running, int program);

}  // namespace penstock
