// What the declared exceptions (bpf/exceptions.toml) ask of a receiver, answered from its options.
// Thread safety: a pure function.
#pragma once

#include "engine/config/receiver_spec.h"
#include "sim/exceptions/circumstances.h"

namespace penstock {

inline Circumstances circumstances_of(const ReceiverSpec& spec) {
  return {.verify_udp_checksum = spec.verify_udp_checksum,
          .ipv6_taken = spec.ipv6,
          .companion_off = spec.companion == Companion::kOff,
          .companion_external = spec.companion == Companion::kExternal};
}

}  // namespace penstock
