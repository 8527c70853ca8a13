// The receiver's BPF object (bpf/receiver.bpf.c), which this library holds, into the kernel.
//
// Capabilities: CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON. Thread safety: as load_object().
#pragma once

#include "engine/base/result.h"
#include "engine/xdp/loader/load_object.h"

namespace penstock {

// `keep`: as load_object().
Result<LoadedObject> load_receiver_object(Loader loader, const LoadedObject* keep = nullptr);

}  // namespace penstock
