// Sends a workload through an AF_PACKET socket: the plain way, good for some hundreds of thousands of
// frames a second. Faster senders beside it take the same workload.
//
// Frames leave in order of time, at most `burst` at once, since a veth receive ring has 256 slots. Between
// bursts the sender sleeps (clock_nanosleep) until shortly before the next frame is due and spins the rest;
// a frame is never sent before it is due. What the kernel refuses for lack of room (EAGAIN, ENOBUFS) was not
// sent: it is counted and tried again, and after some seconds without any progress it is an error.
//
// The report counts what the kernel took. Whether the device sent as much is for the caller to compare: a
// veth that drops a frame tells its counters, not the socket.
//
// Thread safety: one call, one thread, any number of calls at a time. Needs CAP_NET_RAW in the namespace.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "sim/replay/schedule.h"
#include "sim/workload/frame_kind.h"
#include "sim/workload/workload.h"

namespace penstock {

inline constexpr std::uint32_t kMaxSendBurst = 64;

// Called now and then while sending, and once at the end, from the sending thread: keep it short.
using ReplayProgress = std::function<void(std::uint64_t done, std::uint64_t of)>;

struct PacketSenderConfig {
  int ifindex = 0;  // in the network namespace that the calling thread is in
  Pace pace = Pace::kWorkload;
  std::uint64_t pps = 0;                // for Pace::kFixedRate
  std::uint32_t burst = kMaxSendBurst;  // 1..kMaxSendBurst
  ReplayProgress progress{};
};

struct SentCount {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
};

struct ReplayReport {
  SentCount sent{};
  std::array<SentCount, kFrameKinds> by_kind{};
  Nanoseconds elapsed = 0;       // from the first frame to the last
  Nanoseconds asked = 0;         // the same by the schedule; 0 when flat out
  Nanoseconds lateness_max = 0;  // of any frame against its due time; 0 when flat out
  std::uint64_t refusals = 0;    // EAGAIN and ENOBUFS
  bool missed_rate = false;      // the run is invalid

  // Frames a second over `elapsed`; 0 for fewer than two frames.
  std::uint64_t rate_pps() const;
};

// Fails before the first frame when the interface does not exist, is not up and running, or when a frame is
// longer than it takes (named with its number, kind and length); later on any error but the two above.
Result<ReplayReport> replay_packets(const PacketSenderConfig& config, const Workload& workload);

}  // namespace penstock
