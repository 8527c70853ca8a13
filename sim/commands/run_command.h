// `runner run`: scenarios of files, each once or again and again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// NOLINTNEXTLINE(readability-identifier-naming): the name is that of CLI11
namespace CLI {
class App;
}

namespace penstock {

struct ScenarioRunOptions {
  std::vector<std::string> files;
  std::string topology = "veth";
  std::string lab;  // a lab file: over its ports
  std::vector<std::string> filters;
  std::uint32_t repeat = 1;
  bool until_fail = false;
  bool keep = false;                      // each path's topology, until Enter
  std::optional<std::uint64_t> seed{};    // of the workloads, instead of the files'
  std::optional<std::uint32_t> queues{};  // RX queues, instead of the files'
  std::string out;
  bool quiet = false;
};

// The subcommand's options, into `options`.
void add_run(CLI::App& app, ScenarioRunOptions& options);

// Exit status: of the worst run; 2 for a bad file or a filter that leaves none.
int run(const ScenarioRunOptions& options);

}  // namespace penstock
