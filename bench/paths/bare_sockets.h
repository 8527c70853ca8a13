// Peers without anything around them: one UDP socket and the loop that everyone writes first. Nothing of the
// engine is in the loops: no frame pool, no addresses, no links, one counter.
//
//   bare_recvmmsg   recvmmsg() of 64; spinning it never waits (MSG_DONTWAIT), blocking it sleeps for
//                   the first of them (MSG_WAITFORONE)
//   bare_io_uring   a multishot recv into a ring of 4,096 provided buffers; spinning it only looks, and
//                   enters the kernel where that has work to be taken; blocking it waits for the first
//                   completion
//
// Both have 2 KiB a datagram and a socket buffer of 32 MiB, which is what the engine's own socket ways have.
//
// Thread safety: as Subject; the loop is a thread of its own, pinned.
#pragma once

#include <cstdint>
#include <memory>

#include "bench/paths/subject.h"
#include "engine/base/result.h"
#include "engine/tiles/wait_strategy.h"
#include "sim/topology/linked_hosts.h"

namespace penstock {

enum class BareLoop : std::uint8_t { kRecvmmsg, kIoUring };

// REQUIRES: `wait` is kSpin or kBlock. Errors: the port is taken; no io_uring of Linux 6.0.
Result<std::unique_ptr<Subject>> open_bare(const LinkedHosts::End& end, BareLoop loop, WaitStrategy wait,
                                           const SubjectConfig& config);

}  // namespace penstock
