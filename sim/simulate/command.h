// `runner simulate`: one seed, many seeds, or a plan from a file.
//
// Prints the seed first and a digest last: two runs of a seed give the same digest. A seed that fails is made
// smaller (shrink.h) and left as a file that replays it.
#pragma once

#include <cstdint>
#include <filesystem>

// NOLINTNEXTLINE(readability-identifier-naming): the name is that of CLI11
namespace CLI {
class App;
}

namespace penstock {

struct SimulateOptions {
  std::uint64_t seed = 1;           // the first
  std::uint64_t seeds = 1;          // so many from it on
  unsigned jobs = 0;                // processes; 0: one a core
  std::filesystem::path replay{};   // a plan file, in place of seeds
  std::filesystem::path out = ".";  // where the plan of a failure goes
  bool keep_going = false;          // past the first seed that fails
  bool quiet = false;
};

// The subcommand's options, into `options`.
void add_simulate(CLI::App& app, SimulateOptions& options);

// Exit status: 0 every law held, 1 one was broken, 2 a bad file or no place to write.
int simulate(const SimulateOptions& options);

}  // namespace penstock
