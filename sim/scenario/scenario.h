// A scenario: what is sent, over what, through which receive paths, and what must hold. Data, read
// from a TOML file; docs/scenarios.md is its manual. Adding a scenario needs no C++.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/receiver_spec.h"
#include "engine/receive/receiver.h"
#include "sim/scenario/demand.h"
#include "sim/scenario/expect.h"
#include "sim/scenario/host_spec.h"
#include "sim/scenario/shred_stage.h"
#include "sim/scenario/steps.h"
#include "sim/scenario/workload_spec.h"

namespace penstock {

struct Scenario {
  std::string name;
  std::string description;
  std::vector<std::string> tags;
  WorkloadSpec workload;
  Demand demand;
  HostTrafficConfig host;
  ReceiverSpec receiver;
  ShredStageSpec shreds;  // also of [receiver]
  std::vector<Path> paths;
  std::vector<Step> steps;
  Expect expect;
};

// Errors: everything that is wrong with the file, one a line, as file:line:column.
Result<Scenario> read_scenario(const std::filesystem::path& path);

// Every key that a file may have, as "workload.profile": what docs/scenarios.md must list.
std::vector<std::string> scenario_keys();

}  // namespace penstock
