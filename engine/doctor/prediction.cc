// Way by way, in the order of open_receiver().
#include "engine/doctor/prediction.h"

#include <fmt/format.h>

namespace penstock {
namespace {

struct Hindrance {
  std::string why;            // empty: there is none
  bool drivers_lack = false;  // so that a way that was named steps down
};

// What the driver cannot do. A kernel that does not say (netdev.h) hinders nothing.
Hindrance lack_of_driver(const WayToReceive& way, const InterfaceState& interface) {
  const bool native = way.attach_mode == AttachMode::kNative;
  if (!native && way.path == Path::kUserspaceFilter) return {"the userspace filter needs native XDP", true};
  if (!native || !interface.xdp) return {};
  if (!interface.xdp->native) return {"the driver has no native XDP", true};
  if (way.xsk_mode == XskMode::kZeroCopy && !interface.xdp->zero_copy)
    return {"the driver has no zero-copy", true};
  return {};
}

Hindrance hindrance(const WayToReceive& way, const ReceiverPlan& plan, const HostState& host,
                    const InterfaceState& interface, std::optional<std::uint16_t> held_port) {
  if (!interface.there) return {"there is no such interface"};
  if (!interface.queues_suffice) return {"it has too few queues"};
  const bool by_sockets = !is_af_xdp(way.path);
  if (held_port && (by_sockets || plan.af_xdp.companion == Companion::kOwn))
    return {fmt::format("another program holds port {}", *held_port)};
  if (by_sockets) return {way.path == Path::kIoUring && !host.io_uring ? "io_uring is not usable" : ""};
  if (!host.may_use_af_xdp) return {"capabilities are missing"};
  if (!host.umem_fits) return {"the UMEM does not fit what may be locked, or its pages"};
  if (Hindrance lack = lack_of_driver(way, interface); !lack.why.empty()) return lack;
  if (interface.foreign_program) return {"another XDP program is attached"};
  if (interface.busy_queue)
    return {fmt::format("another AF_XDP socket holds queue {}", *interface.busy_queue)};
  return {};
}

}  // namespace

Prediction predict(const ReceiverPlan& plan, const HostState& host, const InterfaceState& interface,
                   std::optional<std::uint16_t> held_port) {
  Prediction prediction;
  std::string& why = prediction.why_not_better;
  for (const WayToReceive& way : ways_of(plan, interface.zero_copy_allowed)) {
    const Hindrance found = hindrance(way, plan, host, interface, held_port);
    if (found.why.empty()) {
      prediction.way = way;
      break;
    }
    why += fmt::format("{}{} is out of reach ({})", why.empty() ? "" : "; ", to_string(way), found.why);
    if (plan.required || (plan.path && !found.drivers_lack)) break;
  }
  return prediction;
}

std::string to_string(const Prediction& prediction) {
  const std::string& why = prediction.why_not_better;
  if (!prediction.way) return "`penstock run` would not start: " + why;
  return fmt::format("`penstock run` would take {}{}{}", to_string(*prediction.way),
                     why.empty() ? "" : ", since ", why);
}

}  // namespace penstock
