// The interface that a sender sends through, as far as every sender must know it before its first frame.
#pragma once

#include <cstddef>
#include <string>

#include "engine/base/result.h"
#include "sim/workload/workload.h"

namespace penstock {

struct SendInterface {
  std::string name{};       // for messages
  std::size_t longest = 0;  // bytes of a frame without FCS: MTU and Ethernet header
};

// Fails when there is no such interface in the calling thread's network namespace, or when it is not up and
// running.
Result<SendInterface> look_at_interface(int ifindex);

// Fails when a frame is longer than the interface takes, or than `limit`, or has no Ethernet header; names it
// with its number, kind and length.
Status check_frames_fit(const Workload& workload, const SendInterface& interface, std::size_t limit);

}  // namespace penstock
