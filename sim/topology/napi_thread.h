// A thread of its own for the NAPI of a veth's end (threaded NAPI, Linux 5.12), so that receiving no longer
// runs on the core that sends, and slows it down: "decoupled", where a veth by itself is "coupled"
// (reference/afxdp.md, section 6).
//
// The setting is the interface's: NAPI that comes later (with a native XDP program, or GRO) has a new thread
// each time, which runs where the scheduler puts it. In another PID namespace than the first nobody sees the
// thread, and nobody can pin it.
//
// Needs root. Thread safety: any thread.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "sim/topology/netns.h"

namespace penstock {

// Reads back what it wrote. REQUIRES: NAPI is there, by GRO or a native XDP program. Errors: EIO, also where
// it is not.
Status give_napi_a_thread(const NetNamespace& ns, const std::string& interface);

// Whether the interface is set so.
Result<bool> napi_has_a_thread(const NetNamespace& ns, const std::string& interface);

}  // namespace penstock
