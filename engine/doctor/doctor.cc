// All checks, and what follows from them.
#include "engine/doctor/doctor.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "engine/config/receiver_plan.h"
#include "engine/doctor/host_checks.h"
#include "engine/doctor/interface_checks.h"
#include "engine/receive/open_receiver.h"

namespace penstock {
namespace {

// Why a way cannot be taken, or nothing.
std::string hindrance(const WayToReceive& way, const HostState& host, const InterfaceState& interface) {
  if (!interface.there) return "there is no such interface";
  if (!is_af_xdp(way.path))
    return way.path == Path::kIoUring && !host.io_uring ? "io_uring is not usable" : "";
  if (!host.may_use_af_xdp) return "capabilities are missing";
  if (!host.umem_fits) return "the UMEM may not be locked";
  if (interface.foreign_program) return "another XDP program is attached";
  return "";
}

struct Prediction {
  std::optional<WayToReceive> way;
  std::string why_not_better;  // the ways before it
};

Prediction predict(const ReceiverPlan& plan, const HostState& host, const InterfaceState& interface) {
  Prediction prediction;
  std::string& why = prediction.why_not_better;
  for (const WayToReceive& way : ways_of(plan, interface.zero_copy_allowed)) {
    const std::string hindered = hindrance(way, host, interface);
    if (hindered.empty()) {
      prediction.way = way;
      break;
    }
    why += fmt::format("{}{} is out of reach ({})", why.empty() ? "" : "; ", to_string(way), hindered);
    if (plan.required || plan.path) break;
  }
  return prediction;
}

std::string sentence(const Prediction& prediction, bool ports_good) {
  if (!ports_good) return "`penstock run` would not start: a port is held by another program";
  if (!prediction.way) return "`penstock run` would not start: " + prediction.why_not_better;
  const std::string& why = prediction.why_not_better;
  return fmt::format("`penstock run` would take {}{}{}", to_string(*prediction.way),
                     why.empty() ? "" : ", since ", why);
}

// Host and interface, in this order among the findings.
Prediction look(const RunConfig& config, Findings& findings) {
  Findings of_interface;
  const InterfaceState interface = check_interface(config, of_interface);
  const ReceiverPlan plan = receiver_plan(config, std::max(1u, interface.queues));
  const std::uint64_t umem_bytes = std::uint64_t{plan.af_xdp.frames()} * plan.af_xdp.frame_bytes;
  const HostState host = check_host(umem_bytes, findings);
  findings.insert(findings.end(), of_interface.begin(), of_interface.end());
  return predict(plan, host, interface);
}

}  // namespace

Diagnosis diagnose(const RunConfig& config) {
  Diagnosis diagnosis;
  const Prediction prediction = look(config, diagnosis.findings);
  const bool ports_good = check_ports(config.ports, config.receiver.companion, diagnosis.findings);
  diagnosis.prediction = sentence(prediction, ports_good);
  return diagnosis;
}

std::optional<WayToReceive> way_after_restart(const RunConfig& config) {
  Findings unread;
  return look(config, unread).way;
}

}  // namespace penstock
