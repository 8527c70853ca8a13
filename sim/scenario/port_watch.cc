// The way of each datagram, and whether it was that.
#include "sim/scenario/port_watch.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace penstock {
namespace {

// How often each number was seen. Numbers that no datagram has are left to the accounts.
std::vector<unsigned> tally(const std::vector<std::uint64_t>& numbers, std::size_t size) {
  std::vector<unsigned> counts(size);
  for (const std::uint64_t number : numbers) {
    if (number < size) ++counts[number];
  }
  return counts;
}

}  // namespace

PortWatch::PortWatch(std::span<const StreamDatagram> datagrams, std::span<const std::uint16_t> listed,
                     std::span<const DoneStep> steps, const SendTimes& sent)
    : datagrams_(datagrams.begin(), datagrams.end()),
      listed_(listed.begin(), listed.end()),
      steps_(steps.begin(), steps.end()),
      sent_(sent) {}

PortWatch::Way PortWatch::way_of(const StreamDatagram& datagram) const {
  bool listed = std::find(listed_.begin(), listed_.end(), datagram.port) != listed_.end();
  const Nanoseconds earliest = sent_.started + datagram.at;
  const Nanoseconds latest = earliest + sent_.lateness + kGuard;
  for (const DoneStep& done : steps_) {
    if (is_restart(done.step.kind) && latest >= done.begun && earliest <= done.ended + kGuard)
      return Way::kAtMostOne;
    if (done.step.port != datagram.port) continue;
    if (latest < done.begun) break;
    if (earliest <= done.ended + kGuard) return Way::kEither;
    listed = done.step.kind == StepKind::kAddPort;
  }
  return listed ? Way::kFast : Way::kHost;
}

Check PortWatch::check(std::string name, const StreamSightings& seen, std::uint64_t port_removed) const {
  const std::vector<unsigned> fast = tally(seen.fast, datagrams_.size());
  const std::vector<unsigned> slow = tally(seen.slow, datagrams_.size());
  const std::vector<unsigned> host = tally(seen.host, datagrams_.size());
  std::array<std::uint64_t, 4> by_way{};
  std::uint64_t missing = 0;
  std::uint64_t lost_down = 0, host_down = 0;  // around restarts
  for (std::size_t i = 0; i < datagrams_.size(); ++i) {
    const Way way = way_of(datagrams_[i]);
    ++by_way[static_cast<std::size_t>(way)];
    const auto wrong = [&](const char* wanted) {
      return Check{name, false,
                   fmt::format("datagram {} to port {} at {} ms, {}: {} by the fast way, {} by the slow way, "
                               "{} at the host",
                               i, datagrams_[i].port, datagrams_[i].at / kMillisecond, wanted, fast[i],
                               slow[i], host[i])};
    };
    switch (way) {
      case Way::kFast:
        if (fast[i] != 1 || slow[i] != 0 || host[i] != 0) return wrong("while its port was listed");
        break;
      case Way::kHost:
        if (fast[i] != 0 || slow[i] != 0 || host[i] != 1) return wrong("while its port was not listed");
        break;
      case Way::kEither:
        if (fast[i] + host[i] > 1 || slow[i] > host[i]) return wrong("around a change, exactly one of them");
        if (fast[i] + host[i] == 0) ++missing;
        break;
      case Way::kAtMostOne:
        if (fast[i] + host[i] > 1 || slow[i] > host[i]) return wrong("around a restart, at most one of them");
        lost_down += fast[i] + host[i] == 0 ? 1 : 0;
        host_down += host[i];
        break;
    }
  }
  if (missing > port_removed) {
    return {std::move(name), false,
            fmt::format("{} datagrams around a change went neither way, {} counted as port_removed", missing,
                        port_removed)};
  }
  const auto [listed, unlisted, around, down] = by_way;
  std::string detail =
      fmt::format("{} datagrams while their port was listed, {} while it was not, {} around a change", listed,
                  unlisted, around);
  if (down != 0) {
    detail +=
        fmt::format(", {} around a restart ({} of them to the host, {} lost)", down, host_down, lost_down);
  }
  // Both states, or a restart that was one: else nothing was tried.
  return {std::move(name), listed != 0 && (unlisted != 0 || host_down != 0),
          detail + ": each went its way, none both"};
}

}  // namespace penstock
