// `runner generate`: a workload as a capture file.
#pragma once

#include <cstdint>
#include <string>

// NOLINTNEXTLINE(readability-identifier-naming): the name is that of CLI11
namespace CLI {
class App;
}

namespace penstock {

struct GenerateOptions {
  std::string profile;
  std::uint64_t seed = 1;
  std::uint32_t slots = 1;
  std::string out;
  std::uint16_t port = 8003;
  std::string shreds = "signed";
  std::string entries, keys;
  bool quiet = false;
};

// The subcommand's options, into `options`.
void add_generate(CLI::App& app, GenerateOptions& options);

// Exit status: 0 written, 2 an unknown profile or no place to write.
int generate(const GenerateOptions& options);

}  // namespace penstock
