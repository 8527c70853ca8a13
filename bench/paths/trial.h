// One trial: a way to receive is opened on the stage, is sent to for a while, and all is counted.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "bench/paths/stage.h"
#include "bench/paths/subject.h"
#include "engine/base/latency_histogram.h"
#include "engine/base/result.h"

namespace penstock {

struct Trial {
  std::uint64_t offered = 0;  // datagrams for the received port
  Delivered delivered{};
  std::uint64_t veth_full = 0;  // frames for which the veth's own ring had no place
  Nanoseconds elapsed = 0;      // of the sending
  Nanoseconds busy = 0;         // of all CPUs meanwhile
  bool kept_rate = true;        // the sender did
  double windows_met = 1;       // the share of 10 ms windows in which it did

  double offered_rate() const { return per_second(offered); }
  double delivered_rate() const { return per_second(delivered.datagrams); }
  // Of what was offered.
  double lost() const {
    return offered == 0 ? 0 : 1 - static_cast<double>(delivered.datagrams) / static_cast<double>(offered);
  }

 private:
  double per_second(std::uint64_t count) const {
    return elapsed == 0 ? 0 : static_cast<double>(count) * kSecond / static_cast<double>(elapsed);
  }
};

// Opens what is to be measured. It is called for each trial.
using OpenSubject = std::function<Result<std::unique_ptr<Subject>>(const Stage&)>;

// `pps` 0: flat out, with `guess` frames a second to be expected. `latency`, unless null, gets what the
// subject says of the age of what it took, the warm-up's included.
Result<Trial> run_trial(const Stage& stage, const OpenSubject& open, std::uint64_t pps, Nanoseconds duration,
                        std::uint64_t guess = 3'000'000, LatencyHistogram* latency = nullptr);

// The same frames into an XDP program that drops them: what the generator and the veth cost without a
// receiver.
Result<Trial> run_baseline(const Stage& stage, std::uint64_t pps, Nanoseconds duration);

}  // namespace penstock
