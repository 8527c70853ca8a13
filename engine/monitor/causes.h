// What each reason of the classifier and of the shred stage means for somebody who receives nothing.
//
// In sentences and commands stand, between braces: count, share (of all frames, in percent), interface, port
// (the first listed), ports, sockets, queues, version (the configured shred version), reason, meaning.
//
// Thread safety: constants.
#pragma once

#include <cstdint>
#include <span>

#include "bpf/classify.h"
#include "engine/shred/reject_reason.h"

namespace penstock {

enum class Evidence : std::uint8_t {
  kOurs,    // such a frame was for one of our ports
  kHidden,  // such a frame may carry one that is
};

struct PassCause {
  std::uint8_t reason;  // enum penstock_reason
  Evidence evidence;
  const char* sentence;
  const char* command;
};
// In the order in which they are preferred when their counts are equal.
std::span<const PassCause> pass_causes();

struct RejectCause {
  RejectReason reason;
  const char* sentence;
  const char* command;
};
// Reasons that are not here get other_reject_cause().
std::span<const RejectCause> reject_causes();
const RejectCause& other_reject_cause();

}  // namespace penstock
