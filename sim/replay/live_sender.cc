// Running the generator, refilling its slots, and closing its account.
#include "sim/replay/live_sender.h"

#include <errno.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bpf/generator.h"
#include "engine/base/check.h"
#include "engine/base/wait.h"
#include "engine/xsk/netdev.h"
#include "sim/replay/interface.h"
#include "sim/replay/live_call.h"
#include "sim/replay/live_generator.h"
#include "sim/replay/slot_ring.h"
#include "sim/topology/netns.h"
#include "sim/topology/port_counters.h"

namespace penstock {
namespace {

constexpr Nanoseconds kProgressEvery = 100 * kMillisecond;
constexpr Nanoseconds kPatience = 5 * kSecond;  // without one frame sent that was due
// How long the refilling side sleeps when every slot is filled: a small part of what the ring holds, at ten
// million frames a second when paced and at twenty when not.
constexpr Nanoseconds kRefillPaced = 2 * kMillisecond;
constexpr Nanoseconds kRefillFlatOut = 200 * kMicrosecond;
using Calls = std::vector<std::unique_ptr<LiveCall>>;

class LiveSender {
 public:
  LiveSender(const ReplayConfig& config, const Workload& workload, std::uint32_t slots)
      : config_(config),
        workload_(workload),
        frames_(workload.frames()),
        schedule_(frames_, config.pace, config.pps / config.cpus, config.loops),
        total_(frames_.size() * config.loops),
        slots_(slots) {
    PENSTOCK_CHECK(
        config.loops == 1 || is_one_frame() ||
        (std::has_single_bit(frames_.size()) && frames_.size() <= slots && frames_.size() >= kMaxSendBurst));
    PENSTOCK_CHECK(config.loops != 1 || (config.at_most == 0 && config.cpus == 1));
    PENSTOCK_CHECK(config.cpus == 1 || (config.cpus <= PENSTOCK_GENERATORS && config.cpu));
    // The program computes frame number x 10^9 in 64 bits: five hours at a million a second.
    PENSTOCK_CHECK(config.loops == 1 || config.pace == Pace::kFlatOut ||
                   total_ < std::numeric_limits<std::uint64_t>::max() / kSecond);
  }

  Result<ReplayReport> run() {
    if (Status ready = look(); !ready) return tl::unexpected(ready.error());
    const Result<PortCounters> before = counters_->read();
    if (!before) return tl::unexpected(before.error());
    // A small workload needs no more slots than frames.
    while (slots_ / 2 >= frames_.size() && slots_ > kMaxSendBurst)
      slots_ /= 2;
    if (Status loaded = generator_.load(config_, slots_, schedule_, total_, is_one_frame()); !loaded)
      return tl::unexpected(loaded.error());
    if (Status sent = send(); !sent) return tl::unexpected(sent.error());
    const Result<PortCounters> after = counters_->read();
    if (!after) return tl::unexpected(after.error());
    return report(after->since(*before));
  }

 private:
  bool is_one_frame() const { return config_.loops != 1 && frames_.size() == 1; }

  // Everything that can be wrong before the first frame.
  Status look() {
    const Result<SendInterface> interface = look_at_interface(config_.ifindex);
    if (!interface) return tl::unexpected(interface.error());
    name_ = interface->name;
    if (Status fits = check_frames_fit(workload_, *interface, PENSTOCK_SLOT_BYTES); !fits) return fits;
    const Result<NetNamespace> here = NetNamespace::current();
    if (!here) return tl::unexpected(here.error());
    const auto features = read_xdp_features(static_cast<unsigned>(config_.ifindex));
    if (!features) return tl::unexpected(features.error());
    if (*features && (**features & kXdpActNdoXmit) == 0) {
      return fail("send live frames through " + name_ + ": it takes no redirected frames", EOPNOTSUPP,
                  "attach native XDP to the veth's peer, or `ethtool -K PEER gro on`, first");
    }
    Result<PortCounterReader> counters = PortCounterReader::open(*here, name_);
    if (!counters) return tl::unexpected(counters.error());
    counters_ = std::make_unique<PortCounterReader>(std::move(*counters));
    return {};
  }

  Status send() {
    if (frames_.empty()) return {};
    SlotRing ring(generator_.slots(), generator_.shared(0));
    refill(ring);
    for (std::uint32_t n = 1; n < config_.cpus; ++n)
      std::atomic_ref(generator_.shared(n).produced).store(total_, std::memory_order_release);
    const TimedFrame& longest = *std::max_element(
        frames_.begin(), frames_.end(),
        [](const TimedFrame& a, const TimedFrame& b) { return a.bytes.size() < b.bytes.size(); });
    Calls calls;
    for (std::uint32_t n = 0; n < config_.cpus; ++n) {
      std::optional<unsigned> cpu = config_.cpu;
      if (cpu) *cpu += n;
      calls.push_back(std::make_unique<LiveCall>(LiveCallConfig{
          .program_fd = generator_.program_fd(), .page = longest.bytes, .batch = config_.burst, .cpu = cpu}));
    }
    Status end = wait_until_sent(ring, calls);
    for (const auto& call : calls) {
      if (Status stopped = call->stop(); !stopped && end) end = stopped;
    }
    return end;
  }

  // Fills every free slot; a looped workload's once, for all of the run.
  void refill(SlotRing& ring) {
    while (ring.written() < total_) {
      if (config_.loops != 1 && ring.written() == frames_.size()) return ring.publish_again(total_);
      const std::uint64_t count =
          std::min<std::uint64_t>({ring.room(kMaxSendBurst), frames_.size() - ring.written(), kMaxSendBurst});
      if (count == 0) return;
      for (std::uint64_t i = 0; i < count; ++i) {
        const std::size_t next = ring.written();
        ring.push(frames_[next].bytes, schedule_.due(next));
      }
      ring.publish();
    }
  }

  Status wait_until_sent(SlotRing& ring, const Calls& calls) {
    const MonotonicClock clock;
    Nanoseconds last_progress = clock.now(), last_moved = last_progress;
    std::uint64_t seen = 0;
    const bool fills_at_speed = config_.pace == Pace::kFlatOut && config_.loops == 1;
    const Nanoseconds pause = fills_at_speed ? kRefillFlatOut : kRefillPaced;
    while (!all_sent() && !is_over(clock.now())) {
      refill(ring);
      sleep_for(pause);
      const Nanoseconds now = clock.now();
      if (const std::uint64_t consumed = least_consumed(); consumed != seen || !is_due(seen, now)) {
        seen = consumed;
        last_moved = now;
      }
      if (config_.stop.stop_requested()) return stopped_sending(least_consumed());
      // It says why when it is stopped.
      if (!std::ranges::all_of(calls, [](const auto& call) { return call->running(); })) break;
      if (now - last_moved > kPatience) {
        return fail(
            fmt::format("send frame {} through {}: nothing moved for {} s", seen, name_, kPatience / kSecond),
            ETIMEDOUT, "look for what keeps the sender's CPU busy");
      }
      if (config_.progress && now - last_progress > kProgressEvery) {
        last_progress = now;
        config_.progress(seen, total_);
      }
    }
    if (config_.progress) config_.progress(least_consumed(), total_);
    return {};
  }

  // Of the sender that is the furthest back.
  std::uint64_t least_consumed() const {
    std::uint64_t least = total_;
    for (std::uint32_t n = 0; n < config_.cpus; ++n) {
      least = std::min<std::uint64_t>(
          least, std::atomic_ref(generator_.shared(n).consumed).load(std::memory_order_acquire));
    }
    return least;
  }
  bool all_sent() const { return least_consumed() == total_; }

  // When the first frame left; 0: not yet.
  Nanoseconds start() const {
    return static_cast<Nanoseconds>(
        std::atomic_ref(generator_.shared(0).start).load(std::memory_order_relaxed));
  }

  // Whether frame i should have been sent by now; the first one at once.
  bool is_due(std::uint64_t i, Nanoseconds now) const {
    return i < total_ && (start() == 0 || start() + schedule_.due(i) <= now);
  }

  bool is_over(Nanoseconds now) const {
    return config_.at_most != 0 && start() != 0 && now - start() >= config_.at_most;
  }

  Result<ReplayReport> report(const PortCounters& device) const {
    ReplayReport report = sent_by(0);
    for (std::uint32_t n = 1; n < config_.cpus; ++n)
      report.add(sent_by(n));
    report.redirected = true;
    report.ring_full = device.xdp_xmit_errors.value;
    // With a device that does not count redirected frames the caller's account of it stays undecided.
    Count counted = device.xdp_xmit;
    counted += device.xdp_xmit_errors;
    const std::uint64_t sent = report.sent.frames;
    if (counted.known()) report.refused = counted.value > sent ? counted.value - sent : sent - counted.value;
    return report;
  }

  ReplayReport sent_by(std::uint32_t n) const {
    const penstock_generator& g = generator_.shared(n);
    PENSTOCK_CHECK(g.malformed == 0 && (g.next == total_ || config_.at_most != 0));
    ReplayReport report;
    report.count(workload_, g.next);
    report.elapsed = static_cast<Nanoseconds>(g.last - g.start);
    report.asked = schedule_.duration();
    report.lateness_max = static_cast<Nanoseconds>(g.late);
    report.missed_rate = schedule_.missed(report.elapsed);
    report.windows = windows(n);
    report.skipped = g.skipped;
    report.starved = g.starved;
    return report;
  }

  // Up to the one in which the last frame left.
  std::vector<std::uint32_t> windows(std::uint32_t n) const {
    const penstock_generator& g = generator_.shared(n);
    const std::uint64_t last = (g.last - g.start) / PENSTOCK_WINDOW_NS;
    if (config_.pace == Pace::kFlatOut || last >= PENSTOCK_WINDOWS) return {};
    const std::span<const std::uint32_t> all = generator_.windows(n);
    return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(last) + 1};
  }

  const ReplayConfig& config_;
  const Workload& workload_;
  std::span<const TimedFrame> frames_;
  Schedule schedule_;
  std::uint64_t total_;
  std::uint32_t slots_;
  std::string name_;
  std::unique_ptr<PortCounterReader> counters_;
  LiveGenerator generator_;
};

}  // namespace

Result<ReplayReport> replay_live(const ReplayConfig& config, const Workload& workload, std::uint32_t slots) {
  PENSTOCK_CHECK(config.burst >= 1 && config.burst <= kMaxSendBurst);
  PENSTOCK_CHECK(slots >= kMaxSendBurst && (slots & (slots - 1)) == 0);
  return LiveSender(config, workload, slots).run();
}

}  // namespace penstock
