// A peer: dpdk-testpmd with DPDK's AF_XDP driver in receive-only mode, where it is installed (Debian's
// packages dpdk-dev, librte-net-af-xdp23 and librte-mempool-ring23). It receives with busy polling of NAPI
// off and copies, which is its best on veth, takes every frame, touches none, and spins on the receiver's
// CPU. It takes one queue: the driver asks how many combined channels there are, and a veth has none.
//
// Thread safety: as Subject. It dies with its object, and with the thread that opened it.
#pragma once

#include <memory>

#include "bench/paths/subject.h"
#include "engine/base/result.h"
#include "sim/topology/linked_hosts.h"

namespace penstock {

// Whether a shell would find it.
bool has_testpmd();

// Errors: ENOENT where it is not installed, with the packages.
Result<std::unique_ptr<Subject>> open_testpmd(const LinkedHosts::End& end, const SubjectConfig& config);

}  // namespace penstock
