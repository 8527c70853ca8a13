// Loads a BPF object by libbpf, the loader that every kernel developer knows; the same result as
// direct_loader.h. Capabilities: CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON.
#pragma once

#include "engine/base/result.h"
#include "engine/xdp/loader/loaded_object.h"

namespace penstock {

// `keep`: programs are loaded onto its maps and variables, whose contents stay; null makes new ones. Errors:
// what libbpf or the kernel refuses, with libbpf's messages, the verifier's log among them.
Result<LoadedObject> load_with_libbpf(const ObjectFile& file, const LoadedObject* keep = nullptr);

}  // namespace penstock
