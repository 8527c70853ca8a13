// From scenario file to plan and workload.
#include <fmt/format.h>

#include "sim/scenario/scenario_run.h"
#include "sim/scenario/streams.h"
#include "sim/workload/leader_source.h"
#include "sim/workload/profiles.h"
#include "sim/workload/recipe.h"
#include "sim/workload/sequence.h"

namespace penstock {

std::string_view to_string(Topology topology) {
  constexpr std::string_view kNames[] = {"veth", "ring", "nic"};
  return kNames[static_cast<std::size_t>(topology)];
}

Result<Topology> parse_topology(std::string_view name) {
  for (const Topology topology : {Topology::kVeth, Topology::kRing}) {
    if (name == to_string(topology)) return topology;
  }
  return fail(fmt::format("there is no topology '{}'", name), 0, "use veth, ring or --lab FILE");
}

ShredStageConfig stage_of(const Scenario& scenario) {
  const ShredStageSpec& spec = scenario.shreds;
  const Result<Profile> profile = find_profile(scenario.workload.profile);
  const bool is_signed = scenario.workload.shreds == ShredContent::kSigned;
  ShredStageConfig stage{.checks = spec.checks.value_or(is_signed ? ShredChecks::kFull : ShredChecks::kCheap),
                         .rules = spec.rules,
                         .version = kWorkloadShredVersion,
                         .repair_port = scenario.workload.repair_port};
  if (profile) stage.max_index = profile->index_limit;  // else: making the workload says so
  if (is_signed && spec.leader == StageLeader::kWorkload)
    stage.leader = public_key_of(leader_keys(scenario.workload.seed));
  return stage;
}

RunPlan plan_of(const Scenario& scenario) {
  return {.name = scenario.name,
          .description = scenario.description,
          .seed = scenario.workload.seed,
          .ports = scenario.workload.listed_ports(),
          .paths = scenario.paths,
          .demand = scenario.demand,
          .host = scenario.host,
          .receiver = scenario.receiver,
          .steps = scenario.steps,
          .streams = plan_streams(scenario.workload.streams),
          .shreds = stage_of(scenario),
          .numbered = scenario.workload.judge == JudgedBy::kSequence,
          .pace = scenario.workload.pps == 0 ? Pace::kWorkload : Pace::kFixedRate,
          .pps = scenario.workload.pps,
          .sender = scenario.workload.sender,
          .measure = scenario.measure,
          .expect = scenario.expect,
          .expected_failures = scenario.expected_failures};
}

Result<Workload> make_workload(const Scenario& scenario) {
  Result<PreparedWorkload> prepared = prepare_workload({.profile = scenario.workload.profile,
                                                        .seed = scenario.workload.seed,
                                                        .slots = scenario.workload.slots,
                                                        .link = path_link(),
                                                        .tvu_port = scenario.workload.port,
                                                        .repair_port = scenario.workload.repair_port,
                                                        .content = scenario.workload.shreds,
                                                        .hostile = scenario.workload.hostile,
                                                        .hostile_each = scenario.workload.hostile_each,
                                                        .impairments = scenario.workload.impair});
  if (!prepared) return tl::unexpected(prepared.error());
  add_streams(plan_streams(scenario.workload.streams), &prepared->workload);
  if (scenario.workload.judge == JudgedBy::kSequence) number_datagrams(prepared->workload);
  if (scenario.measure.latency) drop_checksums(prepared->workload);
  return std::move(prepared->workload);
}

}  // namespace penstock
