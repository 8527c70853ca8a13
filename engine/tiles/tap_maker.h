// Makes the TAP of the return path: the part of it that takes capabilities (tap_device.h uses it).
//
// The device is made in the network namespace of the calling thread and is not persistent: it goes with its
// last descriptor, and with it the clsact qdisc and the program, so that kill -9 leaves nothing behind. It is
// up, without ARP and without IPv6, and carries no address. What the host would send through it (nothing, as
// it has no route) is never read.
//
// Needs CAP_NET_ADMIN and CAP_BPF, and /dev/net/tun. Thread safety: a function.
#pragma once

#include "engine/base/result.h"
#include "engine/privilege/privileges.h"

namespace penstock {

// What is written to it appears on the ingress of `original_interface`. Errors name the step. ENOENT for
// /dev/net/tun: the module `tun` is missing.
Result<TapHandle> make_tap(unsigned original_interface);

}  // namespace penstock
