// Parts of a run.
#include "sim/scenario/run_parts.h"

#include <iterator>
#include <utility>

namespace penstock {
namespace {

std::vector<std::uint16_t> changing_ports(const std::vector<Step>& steps) {
  std::vector<std::uint16_t> ports;
  for (const Step& step : steps) {
    if (step.port != 0) ports.push_back(step.port);
  }
  return ports;
}

}  // namespace

void append(std::vector<Check>& to, std::vector<Check> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

PathProgress sending_progress(const RunProgress& progress, const std::string& who) {
  return [&progress, phase = who + ": sending"](std::uint64_t done, std::uint64_t of,
                                                std::optional<std::uint64_t> lost) {
    progress({.phase = phase, .done = done, .of = of, .lost = lost});
  };
}

PathRunConfig config_of(const RunPlan& plan) {
  return {.turn = {.ports = plan.ports,
                   .demand = plan.demand,
                   .lab = plan.lab,
                   .host = plan.host,
                   .receiver = plan.receiver,
                   .shreds = plan.shreds,
                   .stamped = plan.measure.latency,
                   .changing = changing_ports(plan.steps)},
          .steps = plan.steps,
          .streams = plan.streams,
          .sender = plan.sender,
          .pace = plan.pace,
          .pps = plan.pps,
          .napping = plan.measure.cpu_time,
          .stop = plan.stop,
          .keep = plan.keep};
}

}  // namespace penstock
