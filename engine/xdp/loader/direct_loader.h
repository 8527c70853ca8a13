// Loads a BPF object by bpf() system calls alone: no libbpf, no libelf. Why: whoever runs the engine can read
// in a few hundred lines what it asks of the kernel, and a second loader beside libbpf shows by equal
// instructions (loaders_test.cc) that neither changes the program's meaning.
//
// Needs Linux 5.6 (types of global functions; mappable arrays came with 5.5), and gives it the types as the
// compiler wrote them, where libbpf would rewrite what an old kernel does not know. Capabilities:
// CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON. What it does not know it refuses: relocations against kernel types
// (CO-RE), kfuncs, extern variables, program types other than XDP, nested maps.
#pragma once

#include "engine/base/result.h"
#include "engine/xdp/loader/loaded_object.h"

namespace penstock {

// `keep`: programs are loaded onto its maps and variables, whose contents stay; null makes new ones. Errors:
// a malformed object; what the kernel refuses, with the end of the verifier's log.
Result<LoadedObject> load_directly(const ObjectFile& file, const LoadedObject* keep = nullptr);

}  // namespace penstock
