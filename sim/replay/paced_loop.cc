// Waiting, offering, counting.
#include "sim/replay/paced_loop.h"

#include <errno.h>
#include <sys/prctl.h>

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/wait.h"
#include "sim/replay/pin.h"

namespace penstock {
namespace {

constexpr Nanoseconds kSpin = 30 * kMicrosecond;  // a wake-up from sleep is about that late
constexpr Nanoseconds kProgressEvery = 100 * kMillisecond;
constexpr Nanoseconds kPatience = 5 * kSecond;  // without one frame sent

// Timers of this thread fire at once instead of within 50 microseconds, until the end of the run.
class PreciseTimers {
 public:
  PreciseTimers() : before_(::prctl(PR_GET_TIMERSLACK)) { ::prctl(PR_SET_TIMERSLACK, 1UL); }
  PreciseTimers(const PreciseTimers&) = delete;
  PreciseTimers& operator=(const PreciseTimers&) = delete;
  ~PreciseTimers() { ::prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(before_)); }

 private:
  int before_;
};

// A pause of the workload may be longer: so soon a stop is noticed.
constexpr Nanoseconds kLongestSleep = 100 * kMillisecond;

class PacedLoop {
 public:
  PacedLoop(const ReplayConfig& config, const Workload& workload, const std::string& interface,
            FrameTaker& taker)
      : config_(config),
        workload_(workload),
        frames_(workload.frames()),
        schedule_(frames_, config.pace, config.pps),
        interface_(interface),
        taker_(taker) {}

  Result<ReplayReport> run() {
    PinnedThread pinned;
    if (Status s = pinned.to(config_.cpu); !s) return tl::unexpected(s.error());
    const PreciseTimers precise;
    start_ = clock_.now();
    last_progress_ = last_sent_ = first_sent_ = start_;
    while (next_ < frames_.size()) {
      if (config_.stop.stop_requested()) return stopped_sending(next_);
      const Nanoseconds now = clock_.now();
      const std::size_t count = due_frames(now);
      if (count == 0) {
        wait(now);
        continue;
      }
      if (Status sent = offer(count); !sent) return tl::unexpected(sent.error());
    }
    report_.count(workload_, next_);
    report_.started = start_;
    report_.elapsed = last_sent_ - first_sent_;
    report_.asked = schedule_.duration();
    report_.missed_rate = schedule_.missed(report_.elapsed);
    if (config_.progress) config_.progress(next_, frames_.size());
    return report_;
  }

 private:
  // For the next frame, which is not due yet, or a part of the way.
  void wait(Nanoseconds now) const {
    const Nanoseconds due = schedule_.due(next_);
    const Nanoseconds wake = start_ + (config_.napping ? nap_until(due, schedule_.duration()) : due - kSpin);
    if (wake > now) sleep_until(std::min(wake, now + kLongestSleep));
  }

  // How many of the next frames may leave now, at most a burst.
  std::size_t due_frames(Nanoseconds now) const {
    const std::size_t burst = config_.stamped ? 1 : config_.burst;
    const std::size_t most = std::min(burst, frames_.size() - next_);
    std::size_t count = 0;
    while (count < most && start_ + schedule_.due(next_ + count) <= now)
      ++count;
    return count;
  }

  Status offer(std::size_t count) {
    const Result<std::size_t> taken = taker_.take(next_, count);
    if (!taken) return tl::unexpected(taken.error());
    const Nanoseconds now = clock_.now();
    if (*taken > 0) {
      note_sent(*taken, now);
      return {};
    }
    ++report_.refusals;
    if (now - last_sent_ <= kPatience) return {};
    return fail(
        fmt::format("send frame {} through {}: no room for {} s", next_, interface_, kPatience / kSecond),
        ETIMEDOUT, "look for a receiver that holds on to its packets, or a full queue of the device");
  }

  void note_sent(std::size_t count, Nanoseconds now) {
    if (next_ == 0) first_sent_ = now;
    // The first of them is the latest: due times never decrease.
    if (config_.pace != Pace::kFlatOut)
      report_.lateness_max = std::max(report_.lateness_max, now - start_ - schedule_.due(next_));
    next_ += count;
    last_sent_ = now;
    if (!config_.progress || now - last_progress_ < kProgressEvery) return;
    last_progress_ = now;
    config_.progress(next_, frames_.size());
  }

  const ReplayConfig& config_;
  const Workload& workload_;
  const MonotonicClock clock_;
  std::span<const TimedFrame> frames_;
  Schedule schedule_;
  const std::string& interface_;
  FrameTaker& taker_;
  std::size_t next_ = 0;
  Nanoseconds start_ = 0, first_sent_ = 0, last_sent_ = 0, last_progress_ = 0;
  ReplayReport report_;
};

}  // namespace

Result<ReplayReport> send_paced(const ReplayConfig& config, const Workload& workload,
                                const std::string& interface, FrameTaker& taker) {
  PENSTOCK_CHECK(config.burst >= 1 && config.burst <= kMaxSendBurst);
  PENSTOCK_CHECK(std::is_sorted(workload.frames().begin(), workload.frames().end(),
                                [](const TimedFrame& a, const TimedFrame& b) { return a.at < b.at; }));
  return PacedLoop(config, workload, interface, taker).run();
}

}  // namespace penstock
