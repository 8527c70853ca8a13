// What a sender is asked for and what it answers, whichever sender it is (senders.h).
//
// Thread safety: values.
#pragma once

#include <errno.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "sim/replay/schedule.h"
#include "sim/workload/frame_kind.h"
#include "sim/workload/workload.h"

namespace penstock {

// Most frames that leave at once: a veth receive ring has 256 slots.
inline constexpr std::uint32_t kMaxSendBurst = 64;

// Called now and then while sending, and once at the end, from the thread that asked for the replay: keep it
// short.
using ReplayProgress = std::function<void(std::uint64_t done, std::uint64_t of)>;

struct ReplayConfig {
  int ifindex = 0;  // in the network namespace that the calling thread is in
  // A further interface: flows are split over both by their source's address. By replay_packets() alone; 0:
  // none.
  int second_ifindex = 0;
  Pace pace = Pace::kWorkload;
  std::uint64_t pps = 0;                // for Pace::kFixedRate
  std::uint32_t burst = kMaxSendBurst;  // 1..kMaxSendBurst
  // The whole workload so often, one after the other; by replay_live() alone, which says what it must be
  // like.
  std::uint64_t loops = 1;
  // Each frame ends with the time at which it leaves (stamp.h). Senders that make system calls then send one
  // frame a call, so that no frame waits for those before it.
  bool stamped = false;
  // Never waits without sleeping, for whoever measures what is done beside it (schedule.h, nap_until()).
  // Senders that make system calls alone: live frames are sent from one long call, which always spins.
  bool napping = false;
  // It ends after so long, with what was sent until then; 0: with all of it. Of loops alone.
  Nanoseconds at_most = 0;
  std::optional<unsigned> cpu{};  // where the sending thread is pinned; none: anywhere
  // So many senders at a time, on `cpu` and those behind it: each sends all of the loops, at its part of
  // `pps`. By replay_live() alone.
  std::uint32_t cpus = 1;
  ReplayProgress progress{};
  // Asked for a stop the sender ends before its next frames, with ECANCELED.
  std::stop_token stop{};
};

// The error of a sender that was stopped.
inline tl::unexpected<Error> stopped_sending(std::uint64_t frame) {
  return fail("send frame " + std::to_string(frame) + ": stopped", ECANCELED);
}

// Of ReplayReport::windows; bpf/generator.h.
inline constexpr Nanoseconds kWindow = 10 * kMillisecond;

struct SentCount {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
};

struct ReplayReport {
  SentCount sent{};
  std::array<SentCount, kFrameKinds> by_kind{};
  Nanoseconds started = 0;       // CLOCK_MONOTONIC at the schedule's time 0; 0: the sender does not say
  Nanoseconds elapsed = 0;       // from the first frame to the last
  Nanoseconds asked = 0;         // the same by the schedule; 0 when flat out
  Nanoseconds lateness_max = 0;  // of any frame against its due time; 0 when flat out
  std::uint64_t refusals = 0;    // EAGAIN and ENOBUFS: tried again
  bool missed_rate = false;      // the run is invalid

  // Of live frames, which are redirected out of the interface and not sent by a socket.
  bool redirected = false;
  std::uint64_t refused = 0;    // vanished before the device, of `sent`; the run is invalid
  std::uint64_t ring_full = 0;  // the device had no room for them, of `sent`
  std::uint64_t skipped = 0;    // runs of the program that found the next frame not due
  std::uint64_t starved = 0;    // runs that found no frame though more were to come

  // Frames by the 10 ms that they left in, of a paced run of at most 40 s; of live frames alone. The last one
  // is not whole.
  std::vector<std::uint32_t> windows{};

  // The share of the whole windows in which at least 95 % of so many frames a second left; 1 when there is
  // none.
  double windows_met(std::uint64_t pps) const;
  // Counts so many frames of `workload` that were sent, from the first on and round and round.
  void count(const Workload& workload, std::uint64_t frames);
  // With what was sent on another CPU at the same time; windows that both have.
  void add(const ReplayReport& other);
  // Frames a second over `elapsed`; 0 for fewer than two frames.
  std::uint64_t rate_pps() const;
};

}  // namespace penstock
