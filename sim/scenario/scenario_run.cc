// From plan to verdict.
#include "sim/scenario/scenario_run.h"

#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/version/version.h"
#include "sim/scenario/laws.h"
#include "sim/workload/generator.h"
#include "sim/workload/ledger.h"
#include "sim/workload/profiles.h"

namespace penstock {
namespace {

void append(std::vector<Check>& to, std::vector<Check> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void note_invalid(RunResult& result, const std::string& where, const std::vector<std::string>& reasons) {
  if (reasons.empty()) return;
  result.verdict = RunVerdict::kInvalid;
  result.reason = fmt::format("{}: {}", where, fmt::join(reasons, "; "));
}

ReplayProgress sending_progress(const RunProgress& progress, std::string who) {
  return [&progress, who = std::move(who)](std::uint64_t done, std::uint64_t of) {
    progress(who + ": sending", done, of);
  };
}

Ledger make_ledger(const RunPlan& plan, const Workload& workload) {
  const LinkAddresses link = path_link();
  Ledger ledger(Oracle(OracleConfig{.mac = link.receiver_mac,
                                    .addresses = {link.receiver},
                                    .ports = std::set<std::uint16_t>(plan.ports.begin(), plan.ports.end())}));
  ledger.add(workload);
  return ledger;
}

}  // namespace

RunPlan plan_of(const Scenario& scenario) {
  return {.name = scenario.name,
          .seed = scenario.workload.seed,
          .ports = {scenario.workload.port},
          .paths = scenario.paths,
          .queues = scenario.demand.queues,
          .expect = scenario.expect};
}

Result<Workload> make_workload(const Scenario& scenario) {
  const Result<Profile> profile = find_profile(scenario.workload.profile);
  if (!profile) return tl::unexpected(profile.error());
  Result<Generated> generated = generate_unsigned({.profile = *profile,
                                                   .seed = scenario.workload.seed,
                                                   .slots = scenario.workload.slots,
                                                   .link = path_link(),
                                                   .tvu_port = scenario.workload.port});
  if (!generated) return tl::unexpected(generated.error());
  return std::move(generated->workload);
}

Result<RunResult> run_plan(const RunPlan& plan, const Workload& workload, const RunProgress& progress) {
  RunResult result;
  result.scenario = plan.name;
  result.topology = "veth";
  result.seed = plan.seed;
  result.commit = version();
  result.started = now_iso8601();
  result.environment = this_environment();

  progress("reading the workload", 0, 0);
  const Ledger ledger = make_ledger(plan, workload);
  PathRunConfig config{.ports = plan.ports, .queues = plan.queues, .pace = plan.pace, .pps = plan.pps};

  if (plan.expect.same_meaning) {
    config.progress = sending_progress(progress, "plain UDP sockets");
    const Result<OracleRun> oracle = run_udp_oracle(config, workload);
    if (!oracle) return fail("ask Linux's UDP sockets", oracle.error());
    note_invalid(result, "plain UDP sockets", oracle->invalid);
    result.checks.push_back(check_ledger(oracle->delivered, ledger));
  }

  for (const Path path : plan.paths) {
    config.path = path;
    config.progress = sending_progress(progress, std::string(to_string(path)));
    progress(fmt::format("{}: setting up", to_string(path)), 0, 0);
    Result<PathRun> run = run_path(config, workload);
    if (!run) return fail(std::string(to_string(path)), run.error());
    note_invalid(result, std::string(to_string(path)), run->invalid);
    if (plan.expect.same_meaning) append(result.checks, check_same_meaning(*run, ledger));
    if (plan.expect.conservation) append(result.checks, check_conservation(*run));
    append(result.checks, check_expectations(*run, plan.expect));
    result.paths.push_back(std::move(run->result));
  }
  judge(result);
  return result;
}

}  // namespace penstock
