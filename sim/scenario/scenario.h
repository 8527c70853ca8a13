// A scenario: what is sent, over what, through which receive paths, and what must hold. Data, read
// from a TOML file; docs/scenarios.md is its manual. Adding a scenario needs no C++.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/receiver_spec.h"
#include "engine/receive/receiver.h"
#include "sim/scenario/demand.h"
#include "sim/scenario/expect.h"
#include "sim/scenario/expected_failure.h"
#include "sim/scenario/host_spec.h"
#include "sim/scenario/measure.h"
#include "sim/scenario/shred_stage.h"
#include "sim/scenario/steps.h"
#include "sim/scenario/workload_spec.h"

namespace penstock {

// How long a run takes, about: for choosing. Nothing enforces it.
enum class ScenarioSize : std::uint8_t {
  kSmall,   // seconds
  kMedium,  // up to a minute
  kLarge,   // more
};

std::string_view to_string(ScenarioSize size);  // "small"

struct Scenario {
  std::string name;  // of a case of a matrix: with what it chose, "first_light[queues=4]"
  std::string description;
  std::vector<std::string> tags;
  ScenarioSize size = ScenarioSize::kSmall;
  std::vector<std::string> choices;  // "queues=4", one an axis of the matrix; empty without one
  WorkloadSpec workload;
  Demand demand;
  HostTrafficConfig host;
  ReceiverSpec receiver;
  ShredStageSpec shreds;  // also of [receiver]
  std::vector<Path> paths;
  std::vector<Step> steps;
  Measure measure;
  Expect expect;
  std::vector<ExpectedFailure> expected_failures;
};

// Most cases that the matrix of one file may make.
inline constexpr std::size_t kMostCases = 64;

// The scenarios of a file: one, or with a [matrix] one for each choice of its values, the last axis changing
// fastest. Errors: everything that is wrong with the file, one a line, as file:line:column.
Result<std::vector<Scenario>> read_scenarios(const std::filesystem::path& path);
// The same from memory; `name` stands for the file in messages.
Result<std::vector<Scenario>> parse_scenarios(std::string_view text, const std::string& name);

// The scenario of a file without a matrix. Errors: also a file that has one.
Result<Scenario> read_scenario(const std::filesystem::path& path);

// Every key that a file may have, as "workload.profile": what docs/scenarios.md must list.
std::vector<std::string> scenario_keys();

}  // namespace penstock
