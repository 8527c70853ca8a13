// Running a scenario or a replay: the workload through every path, then the laws, then the verdict.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/receive/receiver.h"
#include "sim/scenario/path_run.h"
#include "sim/scenario/progress.h"
#include "sim/scenario/result.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/streams.h"
#include "sim/workload/workload.h"

namespace penstock {

// What a run runs over.
enum class Topology : std::uint8_t {
  kVeth,  // Linux, in namespaces of its own; needs root
  kRing,  // the simulated NIC (ring_run.h); needs nothing
  kNic,   // ports of this machine (sim/lab/nic_lab.h); needs root and a lab file
};

std::string_view to_string(Topology topology);  // "veth"
// Of those that need no file of their own. Errors name the valid ones.
Result<Topology> parse_topology(std::string_view name);

// What is run: a scenario, or a capture under the same laws.
struct RunPlan {
  std::string name;
  std::string description{};  // the question it answers; empty for a capture
  Topology topology = Topology::kVeth;
  NicLab* lab = nullptr;  // of Topology::kNic, borrowed
  std::uint64_t seed = 0;
  std::string text{};  // of the scenario's file, for a sender on another host; empty: there is none
  std::vector<std::uint16_t> ports;
  std::vector<Path> paths;
  Demand demand;
  HostTrafficConfig host;
  ReceiverSpec receiver;
  std::vector<Step> steps;
  std::vector<StreamDatagram> streams;
  ShredStageConfig shreds{};
  bool numbered = false;  // the workload's datagrams are, and judged by it
  Pace pace = Pace::kWorkload;
  std::uint64_t pps = 0;
  SenderKind sender = SenderKind::kAfPacket;
  Measure measure{};
  Expect expect;
  std::vector<ExpectedFailure> expected_failures{};
  std::string repeat{};              // the command that does it again, for the result
  TopologyKeeper keep{};             // of each path's turn; not on the ring, which has nothing to keep
  std::stop_token stop{};            // ends the run early: it fails, and says so
  std::filesystem::path evidence{};  // folder for what a failed law 1 leaves behind; empty: nothing
};

RunPlan plan_of(const Scenario& scenario);

// The shred stage that the scenario asks for and its workload needs.
ShredStageConfig stage_of(const Scenario& scenario);

// Makes the scenario's workload for the link that the paths run over.
Result<Workload> make_workload(const Scenario& scenario);

// Runs it. What went wrong is in the result: the verdict is skip when a privilege is missing, fail when
// anything else kept it from running to its end.
RunResult run_plan(const RunPlan& plan, const Workload& workload, const RunProgress& progress);

// The same, again where the result is invalid (a stall of the machine made the sender late, say): at most
// twice, as docs/result.md has it. The last result stands.
RunResult run_plan_until_valid(const RunPlan& plan, const Workload& workload, const RunProgress& progress);

}  // namespace penstock
