// The ladder.
#include "engine/receive/open_receiver.h"

#include <errno.h>

#include <utility>

#include <fmt/format.h>

#include "engine/receive/io_uring_receiver.h"
#include "engine/xsk/zero_copy_drivers.h"

namespace penstock {
namespace {

template <typename Opened>
Status keep(Opened opened, OpenedReceiver& into) {
  if (!opened) return tl::unexpected(opened.error());
  if constexpr (std::is_same_v<typename Opened::value_type, std::unique_ptr<AfXdpReceiver>>)
    into.af_xdp = opened->get();
  into.receiver = std::move(*opened);
  return {};
}

Status open_way(const ReceiverPlan& plan, const WayToReceive& way, OpenedReceiver& into) {
  switch (way.path) {
    case Path::kIoUring:
      return keep(IoUringReceiver::open(plan.sockets), into);
    case Path::kUdp:
      return keep(UdpReceiver::open(plan.sockets), into);
    case Path::kKernelFilter:
    case Path::kUserspaceFilter:
      break;
  }
  AfXdpConfig config = plan.af_xdp;
  config.filter = way.path == Path::kKernelFilter ? Filter::kKernel : Filter::kUserspace;
  config.attach_mode = way.attach_mode;
  config.xsk_mode = way.xsk_mode;
  return keep(AfXdpReceiver::open(config), into);
}

// Whether an explicit plan may go on to its next way behind this failure: the driver lacks what was asked of
// it, or frames would loop.
bool is_the_drivers_lack(const WayToReceive& way, const Error& error) {
  if (way.path == Path::kUserspaceFilter && way.attach_mode == AttachMode::kGeneric) return true;
  return way.attach_mode == AttachMode::kNative && error.code == EOPNOTSUPP;
}

// Of the interfaces' drivers the first that zero-copy is not allowed with, for there is one way for all.
std::pair<std::string, ZeroCopyDriver> least_driver(const AfXdpConfig& config) {
  std::string driver = driver_of(config.interface).value_or("");
  ZeroCopyDriver row = zero_copy_of_driver(driver);
  for (const FurtherInterface& each : config.further) {
    if (!row.allowed) break;
    driver = driver_of(each.name).value_or("");
    row = zero_copy_of_driver(driver);
  }
  return {std::move(driver), row};
}

// Told before the first way, where the table holds zero-copy back that the driver may have.
std::string held_back(const std::string& driver, const ZeroCopyDriver& row) {
  return fmt::format("zero-copy: not with the driver {}: {}; `zero_copy = \"force\"` tries it all the same",
                     driver, row.reason);
}

}  // namespace

std::string to_string(const WayToReceive& way) {
  if (!is_af_xdp(way.path)) return std::string(to_string(way.path));
  return fmt::format("{}, {} {}", to_string(way.path), to_string(way.attach_mode),
                     way.xsk_mode == XskMode::kZeroCopy ? "zero-copy" : "copy");
}

std::vector<WayToReceive> ways_of(const ReceiverPlan& plan, bool zero_copy_allowed) {
  const Path first = plan.path.value_or(Path::kKernelFilter);
  if (!is_af_xdp(first)) return {{.path = first}};
  std::vector<WayToReceive> ways;
  const bool native = plan.af_xdp.attach_mode == AttachMode::kNative;
  const bool forced = plan.zero_copy == ZeroCopy::kForce;
  if (native && (forced || (plan.zero_copy == ZeroCopy::kAuto && zero_copy_allowed)))
    ways.push_back({first, AttachMode::kNative, XskMode::kZeroCopy});
  if (forced && plan.path)
    return ways.empty() ? std::vector<WayToReceive>{{first, AttachMode::kGeneric}} : ways;
  if (native) ways.push_back({first, AttachMode::kNative});
  // Refused by its name, so that its step down says why.
  if (!native && first == Path::kUserspaceFilter) ways.push_back({first, AttachMode::kGeneric});
  ways.push_back({Path::kKernelFilter, AttachMode::kGeneric});
  if (!plan.path) {
    ways.push_back({.path = Path::kIoUring});
    ways.push_back({.path = Path::kUdp});
  }
  return ways;
}

Result<OpenedReceiver> open_receiver(const ReceiverPlan& plan) {
  const auto [driver, row] = least_driver(plan.af_xdp);
  const std::vector<WayToReceive> ways = ways_of(plan, row.allowed);
  OpenedReceiver opened;
  for (std::size_t i = 0;; ++i) {
    Status status = open_way(plan, ways[i], opened);
    if (status) break;
    const bool last = i + 1 == ways.size();
    if (last || (plan.path && !is_the_drivers_lack(ways[i], status.error()))) {
      if (opened.steps_down.empty()) return tl::unexpected(status.error());
      return fail(
          fmt::format("no way is left ({}; {})", fmt::join(opened.steps_down, "; "), to_string(ways[i])),
          std::move(status.error()));
    }
    if (plan.required) return fail(to_string(ways[i]) + " is required", std::move(status.error()));
    opened.steps_down.push_back(to_string(ways[i]) + ": " + status.error().message());
  }
  const bool could_have = is_af_xdp(opened.receiver->path()) && plan.zero_copy == ZeroCopy::kAuto &&
                          row.held_back() && !driver.empty();
  if (could_have) opened.notes.push_back(held_back(driver, row));
  return opened;
}

}  // namespace penstock
