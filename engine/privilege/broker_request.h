// The requests that a broker knows, and what each carries (message.h). Every answer begins with 1, or with 0
// and an error.
#pragma once

#include <cstdint>

namespace penstock {

enum class BrokerRequest : std::uint32_t {
  kXskSocket = 1,   // busy poll: microseconds, budget               -> socket
  kLoadReceiver,    // loader, 0; or loader, 1, maps to keep         -> object (object_message.h)
  kAttach,          // program, interface, its index, mode, filter   -> link
  kReplace,         // link, running program, program                -> nothing
  kMakeTap,         // index of the original interface               -> TAP, name, index
  kHoldUdpPort,     // port, bytes of its buffer                     -> socket
  kAskFreshDoctor,  // nothing                                       -> its output
};

}  // namespace penstock
