// All checks, and what follows from them.
#include "engine/doctor/doctor.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "engine/config/af_xdp_config.h"
#include "engine/doctor/host_checks.h"
#include "engine/doctor/interface_checks.h"
#include "engine/receive/open_receiver.h"

namespace penstock {
namespace {

std::uint64_t umem_bytes(const RunConfig& config, std::uint32_t queues) {
  const ReceiverSpec& spec = config.receiver;
  const std::uint64_t of_queue = spec.fill_frames != 0 ? spec.fill_frames : 2 * spec.rx_entries;
  const bool returns = config.path == Path::kUserspaceFilter;
  const std::uint64_t frames = queues * of_queue + AfXdpReceiver::kCompanionFrames +
                               (returns ? spec.return_depth : 0) + config.ports.size() * config.link_depth;
  return frames * kDefaultFrameBytes;
}

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

Prediction predict(const RunConfig& config, const HostState& host, const InterfaceState& interface) {
  const ReceiverPlan plan{.path = config.path,
                          .required = config.required,
                          .zero_copy = config.zero_copy,
                          .af_xdp = {.attach_mode = config.receiver.attach}};
  Prediction prediction;
  std::string& why = prediction.why_not_better;
  for (const WayToReceive& way : ways_of(plan, interface.zero_copy_allowed)) {
    const std::string hindered = hindrance(way, host, interface);
    if (hindered.empty()) {
      prediction.way = way;
      break;
    }
    why += fmt::format("{}{} is out of reach ({})", why.empty() ? "" : "; ", to_string(way), hindered);
    if (config.required || config.path) break;
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
  const InterfaceState interface = check_interface(config.interface, config.receiver.sockets, of_interface);
  const std::uint32_t queues =
      config.receiver.sockets != 0 ? config.receiver.sockets : std::max(1u, interface.queues);
  const HostState host = check_host(umem_bytes(config, queues), findings);
  findings.insert(findings.end(), of_interface.begin(), of_interface.end());
  return predict(config, host, interface);
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
