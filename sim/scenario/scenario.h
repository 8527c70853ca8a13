// A scenario: what is sent, over what, through which receive paths, and what must hold. Data, read
// from a TOML file; docs/scenarios.md is its manual. Adding a scenario needs no C++.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/receive/receiver.h"
#include "sim/workload/recipe.h"

namespace penstock {

// [workload]: what the sender sends.
struct WorkloadSpec {
  std::string profile;  // sim/workload/profiles.h
  std::uint64_t seed = 1;
  std::uint32_t slots = 1;
  std::uint16_t port = 8003;  // the TVU port, listed in the receiver
  ShredContent shreds = ShredContent::kSigned;
};

// [demand]: what the topology must offer; one that does not is refused by name.
struct Demand {
  std::uint32_t queues = 1;
};

// [expect]: what must hold, each a check of the result.
struct Expect {
  bool same_meaning = true;                 // law 1: every path delivers what the kernel's UDP socket got
  bool conservation = true;                 // law 2: every account closes
  bool nothing_left = true;                 // law 4: nothing stays behind
  std::uint64_t engine_loss = 0;            // most frames that engine causes may lose
  std::optional<std::uint64_t> fec_sets{};  // FEC sets seen, exactly
  std::optional<std::uint64_t> fec_sets_complete{};  // of which with all 64 members
};

struct Scenario {
  std::string name;
  std::string description;
  std::vector<std::string> tags;
  WorkloadSpec workload;
  Demand demand;
  std::vector<Path> paths;
  Expect expect;
};

// Errors: everything that is wrong with the file, one a line, as file:line:column.
Result<Scenario> read_scenario(const std::filesystem::path& path);

}  // namespace penstock
