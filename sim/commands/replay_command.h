// `runner replay`: a capture under the same laws.
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

struct ReplayOptions {
  std::string pcap;
  std::vector<std::uint16_t> ports;
  std::vector<std::string> paths = {"kernel_filter", "userspace_filter"};
  std::string topology = "veth";
  std::uint64_t pps = 0;
  std::optional<std::uint32_t> queues{};
  std::string sender = "af_packet";
  bool verbatim = false;
  std::string out;
  bool quiet = false;
};

// The subcommand's options, into `options`.
void add_replay(CLI::App& app, ReplayOptions& options);

// `arguments`: that the process was started with, for the command that repeats the run.
// Exit status: that of the verdict; 2 for a bad file.
int replay(const ReplayOptions& options, const std::vector<std::string>& arguments);

}  // namespace penstock
