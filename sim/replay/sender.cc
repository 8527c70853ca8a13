// The AF_PACKET sender.
#include "sim/replay/sender.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/unique_fd.h"
#include "sim/replay/interface.h"

namespace penstock {
namespace {

constexpr Nanoseconds kSpin = 30 * kMicrosecond;  // a wake-up from sleep is about that late
constexpr Nanoseconds kProgressEvery = 100 * kMillisecond;
constexpr Nanoseconds kPatience = 5 * kSecond;  // without one frame sent
constexpr int kPollMilliseconds = 10;

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

// Returns at `when` or up to kSpin before it.
void sleep_until_nearly(Nanoseconds when) {
  const Nanoseconds wake = when - kSpin;
  const timespec t{.tv_sec = wake / kSecond, .tv_nsec = wake % kSecond};
  // Interrupted or not: the caller looks at the clock again.
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr);
}

class PacketSender {
 public:
  PacketSender(const ReplayConfig& config, const Workload& workload)
      : config_(config), frames_(workload.frames()), schedule_(frames_, config.pace, config.pps) {
    for (std::size_t i = 0; i < kMaxSendBurst; ++i) {
      messages_[i].msg_hdr.msg_iov = &vectors_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  // Opens the socket and looks at everything that can be wrong before the first frame.
  Status open(const Workload& workload) {
    // Protocol 0: this socket receives nothing.
    fd_ = UniqueFd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    if (!fd_) return fail("open an AF_PACKET socket", errno, "run as root, or with CAP_NET_RAW");
    const Result<SendInterface> interface = look_at_interface(config_.ifindex);
    if (!interface) return tl::unexpected(interface.error());
    name_ = interface->name;
    if (Status fits = check_frames_fit(workload, *interface, interface->longest); !fits) return fits;
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = config_.ifindex;
    if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      return fail("bind an AF_PACKET socket to " + name_, errno);
    }
    return {};
  }

  Result<ReplayReport> run() {
    const PreciseTimers precise;
    start_ = clock_.now();
    last_progress_ = last_sent_ = first_sent_ = start_;
    while (next_ < frames_.size()) {
      const Nanoseconds now = clock_.now();
      const std::size_t count = due_frames(now);
      if (count == 0) {
        const Nanoseconds due = start_ + schedule_.due(next_);
        if (due - now > kSpin) sleep_until_nearly(due);
        continue;
      }
      if (Status sent = send(count); !sent) return tl::unexpected(sent.error());
    }
    report_.elapsed = last_sent_ - first_sent_;
    report_.asked = schedule_.duration();
    report_.missed_rate = schedule_.missed(report_.elapsed);
    if (config_.progress) config_.progress(next_, frames_.size());
    return report_;
  }

 private:
  // How many of the next frames may leave now, at most a burst.
  std::size_t due_frames(Nanoseconds now) const {
    const std::size_t most = std::min<std::size_t>(config_.burst, frames_.size() - next_);
    std::size_t count = 0;
    while (count < most && start_ + schedule_.due(next_ + count) <= now)
      ++count;
    return count;
  }

  Status send(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::span<const std::byte> bytes = frames_[next_ + i].bytes;
      // sendmmsg() reads only; iovec has no const form.
      vectors_[i] = {.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
    }
    const int taken = ::sendmmsg(fd_.get(), messages_.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
    const int error = errno;
    const Nanoseconds now = clock_.now();
    if (taken > 0) {
      count_sent(static_cast<std::size_t>(taken), now);
      return {};
    }
    if (error == EINTR) return {};
    if (error != EAGAIN && error != ENOBUFS)
      return fail(fmt::format("send frame {} through {}", next_, name_), error);
    ++report_.refusals;
    if (now - last_sent_ > kPatience) {
      return fail(
          fmt::format("send frame {} through {}: no room for {} s", next_, name_, kPatience / kSecond), error,
          "look for a receiver that holds on to its packets, or a full queue of the device");
    }
    pollfd writable{.fd = fd_.get(), .events = POLLOUT, .revents = 0};
    ::poll(&writable, 1, kPollMilliseconds);
    return {};
  }

  void count_sent(std::size_t count, Nanoseconds now) {
    if (next_ == 0) first_sent_ = now;
    for (std::size_t i = 0; i < count; ++i) {
      const TimedFrame& frame = frames_[next_ + i];
      for (SentCount* sent : {&report_.sent, &report_.by_kind[index_of(frame.kind)]}) {
        ++sent->frames;
        sent->bytes += frame.bytes.size();
      }
      if (config_.pace == Pace::kFlatOut) continue;
      report_.lateness_max = std::max(report_.lateness_max, now - start_ - schedule_.due(next_ + i));
    }
    next_ += count;
    last_sent_ = now;
    if (!config_.progress || now - last_progress_ < kProgressEvery) return;
    last_progress_ = now;
    config_.progress(next_, frames_.size());
  }

  const ReplayConfig& config_;
  const MonotonicClock clock_;
  std::span<const TimedFrame> frames_;
  Schedule schedule_;
  UniqueFd fd_;
  std::string name_;
  std::array<iovec, kMaxSendBurst> vectors_{};
  std::array<mmsghdr, kMaxSendBurst> messages_{};
  std::size_t next_ = 0;
  Nanoseconds start_ = 0, first_sent_ = 0, last_sent_ = 0, last_progress_ = 0;
  ReplayReport report_;
};

}  // namespace

Result<ReplayReport> replay_packets(const ReplayConfig& config, const Workload& workload) {
  PENSTOCK_CHECK(config.burst >= 1 && config.burst <= kMaxSendBurst);
  PENSTOCK_CHECK(std::is_sorted(workload.frames().begin(), workload.frames().end(),
                                [](const TimedFrame& a, const TimedFrame& b) { return a.at < b.at; }));
  PacketSender sender(config, workload);
  if (Status opened = sender.open(workload); !opened) return tl::unexpected(opened.error());
  return sender.run();
}

}  // namespace penstock
