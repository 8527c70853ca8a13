// One trial: a way to receive is opened on the stage, is sent to for a while, and all is counted.
//
// Thread safety: one thread.
#pragma once

#include <algorithm>
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
  std::uint64_t others = 0;   // frames for the host beside them
  Delivered delivered{};
  std::uint64_t veth_full = 0;  // frames for which the veth's own ring had no place
  Nanoseconds elapsed = 0;      // of the sending
  Nanoseconds busy = 0;         // of all CPUs meanwhile
  std::uint64_t waits = 0;      // runs of the generator that found the next frame not due
  bool kept_rate = true;        // the sender did
  double windows_met = 1;       // the share of 10 ms windows in which it did

  double offered_rate() const { return per_second(offered); }
  double delivered_rate() const { return per_second(delivered.datagrams); }
  // Datagrams delivered and frames that the host's stack got. It is taken to get all of them from a way that
  // does not see them, but for those that the veth had no room for.
  double handled_rate(bool counts_host) const {
    return per_second(delivered.datagrams +
                      (counts_host ? delivered.host : others - std::min(others, veth_full)));
  }
  // CPU time that was not spent waiting for a frame to be due; `each_wait` is cost_of_waiting()'s.
  double work(double each_wait) const {
    return static_cast<double>(busy) - static_cast<double>(waits) * each_wait;
  }
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

// One that is open and warm, for trials one after the other. It ends with the object.
class Session {
 public:
  // `pps`: of the warm-up.
  static Result<Session> open(const Stage& stage, const OpenSubject& open, std::uint64_t pps);
  // `send` is one of the stage's.
  Result<Trial> trial(const std::function<Result<ReplayReport>()>& send, std::uint64_t pps = 0);
  LatencyHistogram finish() { return subject_->finish(); }

 private:
  Session(const Stage& stage, std::unique_ptr<Subject> subject)
      : stage_(&stage), subject_(std::move(subject)) {}
  Result<Delivered> settled();

  const Stage* stage_;
  std::unique_ptr<Subject> subject_;
};

// `pps` 0: flat out. `latency`, unless null, gets what the subject says of the age of what it took, the
// warm-up's included.
Result<Trial> run_trial(const Stage& stage, const OpenSubject& open, std::uint64_t pps, Nanoseconds duration,
                        LatencyHistogram* latency = nullptr);

// What one wait of the generator takes, ns: what it does while it has nothing to send, on a core that is full
// at any paced rate. Without it that core would hide what the receive side costs there.
Result<double> cost_of_waiting(const Stage& stage);

// The same frames into an XDP program that drops them: what the generator and the veth cost without a
// receiver.
Result<Trial> run_baseline(const Stage& stage, std::uint64_t pps, Nanoseconds duration);

}  // namespace penstock
