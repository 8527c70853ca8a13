// Loading the generator, refilling its slots, and closing its account.
#include "sim/replay/live_sender.h"

#include <errno.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bpf/generator.h"
#include "bpf/generator.skel.h"
#include "engine/base/check.h"
#include "engine/base/wait.h"
#include "engine/xdp/libbpf_log.h"
#include "engine/xsk/netdev.h"
#include "sim/replay/interface.h"
#include "sim/replay/live_call.h"
#include "sim/replay/slot_ring.h"
#include "sim/topology/netns.h"
#include "sim/topology/port_counters.h"

namespace penstock {
namespace {

static_assert(PENSTOCK_WINDOW_NS == kWindow);
constexpr Nanoseconds kProgressEvery = 100 * kMillisecond;
constexpr Nanoseconds kPatience = 5 * kSecond;  // without one frame sent that was due
// How long the refilling side sleeps when every slot is filled: a small part of what the ring holds, at ten
// million frames a second when paced and at twenty when not.
constexpr Nanoseconds kRefillPaced = 2 * kMillisecond;
constexpr Nanoseconds kRefillFlatOut = 200 * kMicrosecond;
// A late sender that catches up leaves at least so much between frames, or half of the mean gap if that is
// less: two million a second are no news to a receiver that is paced below one.
constexpr Nanoseconds kLongestCatchUpGap = kMicrosecond / 2;

// The loaded program and its two memories.
class Generator {
 public:
  ~Generator() {
    if (slots_ != nullptr) ::munmap(slots_, slots_count_ * sizeof(penstock_slot));
    generator__destroy(skeleton_);
  }
  Generator() = default;
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  Status load(const ReplayConfig& config, std::uint32_t slots, const Schedule& schedule, std::uint64_t frames,
              bool same) {
    const std::string what = "load the live-frame generator";
    const LibbpfLog log;
    skeleton_ = generator__open();
    if (!skeleton_) return fail(what + ": open: " + log.text(), errno);
    skeleton_->rodata->out_ifindex = static_cast<std::uint32_t>(config.ifindex);
    skeleton_->rodata->mask = slots - 1;
    skeleton_->rodata->paced = config.pace != Pace::kFlatOut;
    skeleton_->rodata->rate = config.loops != 1 ? config.pps : 0;
    skeleton_->rodata->same = same;
    skeleton_->rodata->stamped = config.stamped;
    const Nanoseconds mean = frames == 0 ? 0 : schedule.duration() / static_cast<Nanoseconds>(frames);
    skeleton_->rodata->gap = static_cast<std::uint64_t>(std::min(mean / 2, kLongestCatchUpGap));
    skeleton_->bss->generator.total = frames;
    bpf_map__set_max_entries(skeleton_->maps.slots, slots);
    if (const int error = generator__load(skeleton_); error != 0) {
      return fail(what + ": " + log.text(), -error, "run as root, or with CAP_BPF and CAP_NET_ADMIN");
    }
    void* mapped = ::mmap(nullptr, slots * sizeof(penstock_slot), PROT_READ | PROT_WRITE, MAP_SHARED,
                          bpf_map__fd(skeleton_->maps.slots), 0);
    if (mapped == MAP_FAILED) return fail("map the generator's slots", errno);
    slots_ = static_cast<penstock_slot*>(mapped);
    slots_count_ = slots;
    return {};
  }

  int program_fd() const { return bpf_program__fd(skeleton_->progs.generate); }
  std::span<penstock_slot> slots() const { return {slots_, slots_count_}; }
  penstock_generator& shared() const { return skeleton_->bss->generator; }
  std::span<const std::uint32_t> windows() const { return skeleton_->bss->windows; }

 private:
  generator* skeleton_ = nullptr;
  penstock_slot* slots_ = nullptr;
  std::size_t slots_count_ = 0;
};

class LiveSender {
 public:
  LiveSender(const ReplayConfig& config, const Workload& workload, std::uint32_t slots)
      : config_(config),
        workload_(workload),
        frames_(workload.frames()),
        schedule_(frames_, config.pace, config.pps, config.loops),
        total_(frames_.size() * config.loops),
        slots_(slots) {
    PENSTOCK_CHECK(
        config.loops == 1 || is_one_frame() ||
        (std::has_single_bit(frames_.size()) && frames_.size() <= slots && frames_.size() >= kMaxSendBurst));
    // The program computes frame number x 10^9 in 64 bits: five hours at a million a second.
    PENSTOCK_CHECK(config.loops == 1 || total_ < std::numeric_limits<std::uint64_t>::max() / kSecond);
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
    SlotRing ring(generator_.slots(), generator_.shared());
    refill(ring);
    const TimedFrame& longest = *std::max_element(
        frames_.begin(), frames_.end(),
        [](const TimedFrame& a, const TimedFrame& b) { return a.bytes.size() < b.bytes.size(); });
    LiveCall call({.program_fd = generator_.program_fd(),
                   .page = longest.bytes,
                   .batch = config_.burst,
                   .cpu = config_.cpu});
    const Status waited = wait_until_sent(ring, call);
    const Status stopped = call.stop();
    return stopped ? waited : stopped;
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

  Status wait_until_sent(SlotRing& ring, const LiveCall& call) {
    const MonotonicClock clock;
    Nanoseconds last_progress = clock.now(), last_moved = last_progress;
    std::uint64_t seen = 0;
    const bool fills_at_speed = config_.pace == Pace::kFlatOut && config_.loops == 1;
    const Nanoseconds pause = fills_at_speed ? kRefillFlatOut : kRefillPaced;
    while (ring.consumed() < total_) {
      refill(ring);
      sleep_for(pause);
      const Nanoseconds now = clock.now();
      if (const std::uint64_t consumed = ring.consumed(); consumed != seen || !is_due(seen, now)) {
        seen = consumed;
        last_moved = now;
      }
      if (config_.stop.stop_requested()) return stopped_sending(ring.consumed());
      if (!call.running()) break;  // it says why when it is stopped
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
    if (config_.progress) config_.progress(ring.consumed(), total_);
    return {};
  }

  // Whether frame i should have been sent by now; the first one at once.
  bool is_due(std::uint64_t i, Nanoseconds now) const {
    const auto start =
        static_cast<Nanoseconds>(std::atomic_ref(generator_.shared().start).load(std::memory_order_relaxed));
    return i < total_ && (start == 0 || start + schedule_.due(i) <= now);
  }

  Result<ReplayReport> report(const PortCounters& device) const {
    const penstock_generator& g = generator_.shared();
    PENSTOCK_CHECK(g.malformed == 0 && g.consumed == total_);
    ReplayReport report;
    report.count(workload_, frames_.size(), config_.loops);
    report.elapsed = static_cast<Nanoseconds>(g.last - g.start);
    report.asked = schedule_.duration();
    report.lateness_max = static_cast<Nanoseconds>(g.late);
    report.missed_rate = schedule_.missed(report.elapsed);
    report.redirected = true;
    report.ring_full = device.xdp_xmit_errors.value;
    report.windows = windows();
    report.skipped = g.skipped;
    report.starved = g.starved;
    // With a device that does not count redirected frames the caller's account of it stays undecided.
    Count counted = device.xdp_xmit;
    counted += device.xdp_xmit_errors;
    if (counted.known())
      report.refused = counted.value > g.consumed ? counted.value - g.consumed : g.consumed - counted.value;
    return report;
  }

  // Up to the one in which the last frame left.
  std::vector<std::uint32_t> windows() const {
    const penstock_generator& g = generator_.shared();
    const std::uint64_t last = (g.last - g.start) / PENSTOCK_WINDOW_NS;
    if (config_.pace == Pace::kFlatOut || last >= PENSTOCK_WINDOWS) return {};
    const std::span<const std::uint32_t> all = generator_.windows();
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
  Generator generator_;
};

}  // namespace

Result<ReplayReport> replay_live(const ReplayConfig& config, const Workload& workload, std::uint32_t slots) {
  PENSTOCK_CHECK(config.burst >= 1 && config.burst <= kMaxSendBurst);
  PENSTOCK_CHECK(slots >= kMaxSendBurst && (slots & (slots - 1)) == 0);
  return LiveSender(config, workload, slots).run();
}

}  // namespace penstock
