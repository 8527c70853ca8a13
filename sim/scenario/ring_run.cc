// The ring's half of scenario_run.
#include "sim/scenario/ring_run.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "sim/scenario/demands_met.h"
#include "sim/scenario/laws.h"
#include "sim/scenario/ring_path.h"
#include "sim/scenario/run_parts.h"
#include "sim/workload/ledger.h"

namespace penstock {
namespace {

std::string unmet(const RunPlan& plan, const Ledger& ledger) {
  const auto about_a_port = [](const Step& step) { return step.port != 0; };
  if (!plan.streams.empty() || std::any_of(plan.steps.begin(), plan.steps.end(), about_a_port))
    return "ports that come and go: it has no maps to change";
  if (std::any_of(plan.steps.begin(), plan.steps.end(),
                  [](const Step& step) { return is_restart(step.kind); }))
    return "an engine that is started again: its world has one from its beginning to its end";
  if (!plan.expect.refused.empty()) return "a receiver that Linux refuses to open";
  if (std::none_of(plan.paths.begin(), plan.paths.end(), is_af_xdp))
    return "a host stack: none of the paths is AF_XDP";
  TurnConfig turn = config_of(plan).turn;
  for (const Path path : plan.paths) {
    if (!is_af_xdp(path)) continue;
    turn.path = path;
    if (std::string missing = unmet_over_ring(turn, ledger); !missing.empty()) return missing;
  }
  return {};
}

}  // namespace

Status run_over_ring(const RunPlan& plan, const Workload& workload, const RunProgress& progress,
                     RunResult& result) {
  progress({.phase = "reading the workload"});
  const LinkAddresses link = path_link();
  Ledger ledger(Oracle(OracleConfig{.mac = link.receiver_mac,
                                    .addresses = {link.receiver},
                                    .ports = {plan.ports.begin(), plan.ports.end()}}),
                plan.receiver.max_payload);
  ledger.add(workload);
  if (const auto missing = unmet_demand(plan)) return refuse(plan, *missing);
  if (std::string missing = unmet(plan, ledger); !missing.empty())
    return refuse(plan, {{}, std::move(missing)});

  PathRunConfig config = config_of(plan);
  for (const Path path : plan.paths) {
    const std::string name(to_string(path));
    if (!is_af_xdp(path)) {
      result.checks.push_back({name, std::nullopt, "not run: the simulated ring has no host stack"});
      continue;
    }
    config.turn.path = path;
    config.progress = sending_progress(progress, name);
    Result<PathRun> run = run_ring_path(config, workload);
    if (!run) return fail(name, run.error());
    if (plan.expect.same_meaning) append(result.checks, check_same_meaning(*run, ledger));
    if (plan.expect.conservation) append(result.checks, check_conservation(*run));
    result.checks.push_back({name + ".frames", true, "law 3 held after every step"});
    append(result.checks, check_expectations(*run, plan.expect));
    result.paths.push_back(std::move(run->result));
  }
  if (plan.expect.same_meaning) {
    result.checks.push_back({"ledger.linux", std::nullopt,
                             "the simulated ring asks the engine's own classifier, not Linux: it is evidence "
                             "about rings, frames and faults, not about sameness"});
  }
  if (plan.expect.nothing_left)
    result.checks.push_back({"nothing_left", std::nullopt, "the simulated ring makes nothing in the kernel"});
  return {};
}

}  // namespace penstock
