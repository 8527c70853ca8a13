// From plan to verdict.
#include "sim/scenario/scenario_run.h"

#include <errno.h>

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/version/version.h"
#include "sim/lab/nic_lab.h"
#include "sim/scenario/demands_met.h"
#include "sim/scenario/differences.h"
#include "sim/scenario/from_afar.h"
#include "sim/scenario/host_checks.h"
#include "sim/scenario/laws.h"
#include "sim/scenario/ring_run.h"
#include "sim/scenario/run_parts.h"
#include "sim/scenario/streams.h"
#include "sim/topology/leaks/kernel_objects.h"
#include "sim/workload/ledger.h"
#include "sim/workload/sequence.h"

namespace penstock {
namespace {

void note_invalid(RunResult& result, const std::string& where, const std::vector<std::string>& reasons) {
  if (reasons.empty()) return;
  result.verdict = RunVerdict::kInvalid;
  result.reason = fmt::format("{}: {}", where, fmt::join(reasons, "; "));
}

// The dead-man's switch trips when the engine stands still for 100 ms. Unless the scenario asks for that, the
// machine did it: the run proves nothing. (An engine that stalls by itself does so in each of the repeats.)
void note_unasked_stall(RunResult& result, const std::string& where, const PathRun& run,
                        const Expect& expect) {
  const std::uint64_t frames = run.counters.get(Counter::kXdpPass, PENSTOCK_ENGINE_STALLED);
  const std::string reason(reason_name(PENSTOCK_ENGINE_STALLED));
  if (frames == 0 || std::find(expect.passed.begin(), expect.passed.end(), reason) != expect.passed.end())
    return;
  note_invalid(
      result, where,
      {fmt::format("the engine stood still for 100 ms, and {} frames passed as {}", frames, reason)});
}

// More was lost than may be, and the machine explains it: the run is invalid. What a scenario provokes and
// names (`expect.lost`) is looked for whatever the machine does.
void note_excuse(RunResult& result, const std::string& where, const PathRun& run, const Expect& expect) {
  if (expect.lost || run.excuse.empty() || engine_loss(run.result) <= expect.engine_loss) return;
  note_invalid(result, where, {run.excuse});
}

Oracle make_oracle(const RunPlan& plan) {
  const LinkAddresses link = path_link();
  return Oracle(OracleConfig{.mac = link.receiver_mac,
                             .addresses = {link.receiver},
                             .ports = std::set<std::uint16_t>(plan.ports.begin(), plan.ports.end()),
                             .vlan = plan.receiver.vlan,
                             .any_address = true});
}

// The kernel frees some things from work queues and after grace periods.
constexpr Nanoseconds kGoneTimeout = 60 * kSecond;

// Law 4: whatever was not there before the run goes by itself.
Check check_nothing_left(const KernelObjects& before, const std::stop_token& stop) {
  constexpr const char* kName = "nothing_left";
  const Result<KernelObjects> after = KernelObjects::snapshot();
  if (!after) return {kName, std::nullopt, after.error().message()};
  const std::vector<std::string> added = after->added_since(before);
  Status gone = wait_until_gone(added, kSecond);
  for (Nanoseconds waited = kSecond; !gone && waited < kGoneTimeout && !stop.stop_requested();
       waited += kSecond)
    gone = wait_until_gone(added, kSecond);
  if (!gone) return {kName, false, gone.error().message()};
  return {kName, true, "no BPF object, interface, mount, setting, shared memory or process stays"};
}

// Behind a broken law 1: the first frame that makes the difference, and the rest of them in files.
Status find_evidence(const RunPlan& plan, const Workload& workload, const Oracle& oracle, const PathRun& run,
                     std::vector<Check>& checks) {
  const auto broken =
      std::find_if(checks.begin(), checks.end(), [](const Check& c) { return c.pass == false; });
  if (broken == checks.end()) return {};
  const FoundElements found{.delivered = run.names,
                            .host = run.witnessed.host_names,
                            .has_slow_way = run.companion == Companion::kOwn,
                            .takes_unchecked = !plan.receiver.verify_udp_checksum,
                            .host_is_whole = is_af_xdp(run.path)};
  const Differences differences = find_differences(workload, oracle, plan.receiver.max_payload, found);
  if (differences.none()) return {};
  broken->detail +=
      fmt::format("; {} frames differ; {}", differences.frames.size(), first_of(differences, workload));
  if (plan.evidence.empty()) return {};
  return write_evidence(differences, workload, run.result.path, plan.evidence);
}

// Opening the receiver must be refused, and the error say why.
Status check_refused(const RunPlan& plan, PathRunConfig config, RunResult& result) {
  const Workload nothing({});
  for (const Path path : plan.paths) {
    config.turn.path = path;
    const std::string name = std::string(to_string(path)) + ".refused";
    const Result<PathRun> run = run_path(config, nothing);
    if (run) {
      result.checks.push_back({name, false, "the receiver was opened"});
      continue;
    }
    if (run.error().code == EPERM) return tl::unexpected(run.error());
    const std::string said = run.error().message();
    result.checks.push_back({name, said.find(plan.expect.refused) != std::string::npos, said});
  }
  return {};
}

// What every path of a run is held against.
struct Expected {
  const Oracle& oracle;
  Ledger ledger;
  std::optional<SequenceTally> numbers{};  // of a rate run, in the ledger's place
  HostReport without_engine{};             // the hosts' own traffic beside plain sockets
};

// Linux's own receivers, as the ledger's judge; what they saw is in `result`.
Status ask_plain_sockets(const RunPlan& plan, const Workload& workload, const RunProgress& progress,
                         PathRunConfig& config, Expected& expected, RunResult& result) {
  if (expected.numbers) {
    result.checks.push_back(
        {"ledger.linux", std::nullopt,
         "plain UDP sockets are not asked in a rate run: a slower run with digests does"});
  } else if (plan.expect.same_meaning) {
    config.progress = sending_progress(progress, "plain UDP sockets");
    const Result<OracleRun> oracle = run_udp_oracle(config, workload);
    if (!oracle) return fail("plain UDP sockets", oracle.error());
    note_invalid(result, "plain UDP sockets", oracle->invalid);
    result.checks.push_back(check_ledger(oracle->delivered, expected.ledger));
    expected.without_engine = oracle->host_report;
  }
  return {};
}

// The checks of one path's run, into `result`.
Status judge_path(const RunPlan& plan, const Workload& workload, const Expected& expected, const PathRun& run,
                  RunResult& result) {
  const std::string name(to_string(run.path));
  note_invalid(result, name, run.invalid);
  note_unasked_stall(result, name, run, plan.expect);
  if (plan.expect.same_meaning && expected.numbers) {
    append(result.checks, check_numbers(run, *expected.numbers));
  } else if (plan.expect.same_meaning) {
    std::vector<Check> checks = check_same_meaning(run, expected.ledger);
    if (Status s = find_evidence(plan, workload, expected.oracle, run, checks); !s) return s;
    append(result.checks, std::move(checks));
  }
  if (run.ports) result.checks.push_back(*run.ports);
  if (plan.expect.conservation) append(result.checks, check_conservation(run));
  append(result.checks, check_expectations(run, plan.expect));
  note_excuse(result, name, run, plan.expect);
  append(result.checks, check_host(name, plan.host, run.host_report, expected.without_engine));
  return {};
}

// Everything of a run that may fail for reasons outside it; what it measured until then is in `result`.
Status run_paths(const RunPlan& plan, const Workload& workload, const RunProgress& progress,
                 RunResult& result) {
  if (Status met = check_demands(plan); !met) return met;
  progress({.phase = "reading the workload"});
  const Oracle oracle = make_oracle(plan);
  Expected expected{.oracle = oracle, .ledger = Ledger(oracle, plan.receiver.max_payload)};
  if (plan.numbered) {
    Result<SequenceTally> numbers = expected_sequence(
        workload, oracle, plan.receiver.companion == Companion::kOwn, plan.receiver.max_payload);
    if (!numbers) return tl::unexpected(numbers.error());
    expected.numbers = std::move(*numbers);
  } else {
    for (const TimedFrame& frame : workload.frames()) {
      if (!stream_number(frame.bytes)) expected.ledger.add(frame);
    }
  }
  const Result<KernelObjects> before = KernelObjects::snapshot();
  if (!before) return tl::unexpected(before.error());
  PathRunConfig config = config_of(plan);
  if (expected.numbers) config.turn.shreds.numbered = workload.frames().size();
  std::unique_ptr<RemoteSender> remote;
  if (plan.lab != nullptr && plan.lab->remote()) {
    progress({.phase = "connecting to the remote sender"});
    auto connected = connect_from_afar(plan, workload, config.turn);
    if (!connected) return tl::unexpected(connected.error());
    remote = std::move(*connected);
  }

  if (!plan.expect.refused.empty()) {
    if (Status s = check_refused(plan, config, result); !s) return s;
    remote.reset();
    if (plan.expect.nothing_left) result.checks.push_back(check_nothing_left(*before, plan.stop));
    return {};
  }
  if (Status s = ask_plain_sockets(plan, workload, progress, config, expected, result); !s) return s;

  if (plan.measure.cpu_time) {
    config.progress = sending_progress(progress, "the sender alone");
    const Result<SenderAlone> alone = run_sender_alone(config, workload);
    if (!alone) return fail("the sender alone", alone.error());
    config.alone = *alone;
  }

  for (const Path path : plan.paths) {
    const std::string name(to_string(path));
    config.turn.path = path;
    config.progress = sending_progress(progress, name);
    progress({.phase = name + ": setting up"});
    Result<PathRun> run = run_path(config, workload);
    if (!run) return fail(name, run.error());
    if (Status s = judge_path(plan, workload, expected, *run, result); !s) return s;
    result.paths.push_back(std::move(run->result));
  }

  remote.reset();  // its process may be on this machine
  if (plan.expect.nothing_left) {
    progress({.phase = "waiting for everything to be gone"});
    result.checks.push_back(check_nothing_left(*before, plan.stop));
  }
  return {};
}

// Without the privilege nothing was tried; with a connection that was lost nothing was proved; any other
// error is a failure of the run.
RunVerdict verdict_of(const Error& error) {
  if (error.code == EPERM) return RunVerdict::kSkip;
  return error.code == ECONNRESET ? RunVerdict::kInvalid : RunVerdict::kFail;
}

}  // namespace

RunResult run_plan(const RunPlan& plan, const Workload& workload, const RunProgress& progress) {
  RunResult result;
  result.scenario = plan.name;
  result.description = plan.description;
  result.topology = to_string(plan.topology);
  result.seed = plan.seed;
  result.commit = version();
  result.started = now_iso8601();
  result.environment = this_environment();
  if (plan.lab != nullptr) result.environment.lab = plan.lab->record();
  result.repeat = plan.repeat;
  const auto run = plan.topology == Topology::kRing ? run_over_ring : run_paths;
  if (const Status ran = run(plan, workload, progress, result); !ran) {
    result.verdict = verdict_of(ran.error());
    result.reason = ran.error().message();
    return result;
  }
  enforce_expected_failures(plan.expected_failures, result);
  judge(result);
  return result;
}

RunResult run_plan_until_valid(const RunPlan& plan, const Workload& workload, const RunProgress& progress) {
  constexpr int kRepeats = 2;
  RunResult result = run_plan(plan, workload, progress);
  for (int i = 0; i < kRepeats && result.verdict == RunVerdict::kInvalid; ++i) {
    progress({.phase = fmt::format("again, since the run was invalid ({})", result.reason)});
    result = run_plan(plan, workload, progress);
  }
  return result;
}

}  // namespace penstock
