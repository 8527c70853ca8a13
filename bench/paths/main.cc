// Measures the receive paths against each other on a veth pair of this machine. `bench/paths --help`.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/paths/comparison.h"
#include "bench/paths/latency.h"
#include "bench/paths/steady.h"
#include "bench/paths/sweep.h"

namespace {

using namespace penstock;  // NOLINT(google-build-using-namespace): this file is one program

void progress(const std::string& line) {
  fmt::print(stderr, "paths: {}\n", line);
  std::fflush(stderr);
}

int complain(const std::string& message) {
  fmt::print(stderr, "paths: {}\n", message);
  return 1;
}

template <typename Made>
int show(const Result<Made>& made, const std::string& json) {
  if (!made) return complain(made.error().message());
  fmt::print("{}", to_table(*made));
  if (!json.empty() && !(std::ofstream(json) << to_json(*made))) return complain("cannot write " + json);
  return 0;
}

// 0: every valid run was without loss, and there was one for each.
int steady(const ComparisonConfig& config, std::uint64_t rate) {
  const Result<std::vector<SteadyRun>> runs = run_steady(config, rate, progress);
  if (!runs) return complain(runs.error().message());
  fmt::print("{}", to_table(config, rate, *runs));
  const bool good = std::all_of(runs->begin(), runs->end(),
                                [](const SteadyRun& run) { return run.valid() && run.lossless(); });
  return good ? 0 : 3;
}

int ages(const ComparisonConfig& config, std::span<const std::uint64_t> rates) {
  const Result<LatencyRuns> runs = run_latency(config, rates, progress);
  if (!runs) return complain(runs.error().message());
  fmt::print("{}", to_table(config, *runs));
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app(
      "Compares the receive paths: highest rate, CPU time a packet at equal load, NDR and PDR. Paths take "
      "turns in "
      "every round; medians and quartiles are shown. Needs root, two CPUs and a machine with nothing else to "
      "do.");
  ComparisonConfig config;
  std::string coupling = "coupled", json, sweep;
  double seconds = 1;
  std::uint64_t rate = 0, load = 300'000;
  std::vector<std::uint64_t> latency;
  app.add_option(
         "--ways", config.names,
         "PATH/WAIT, several; by default every path, spinning and blocking. The peer testpmd/spin where "
         "dpdk-testpmd is installed")
      ->delimiter(',');
  app.add_option("--coupling", coupling,
                 "coupled (NAPI on the sender's core) or decoupled (on the receiver's)")
      ->check(CLI::IsMember({"coupled", "decoupled"}));
  app.add_option("--rounds", config.rounds, "of each measurement")->check(CLI::Range(1, 100));
  app.add_option("--seconds", seconds, "of each trial")->check(CLI::Range(0.1, 60.0));
  app.add_option("--frame-bytes", config.stage.traffic.frame_bytes, "of each frame")
      ->check(CLI::Range(60, 1514));
  app.add_option("--ours-percent", config.stage.traffic.ours_percent, "of the frames for the received port")
      ->check(CLI::Range(1, 100));
  app.add_option("--rx-entries", config.subject.rx_entries, "of the RX ring, a power of two");
  app.add_option("--fill-frames", config.subject.fill_frames, "of the queue; 0: the engine's default");
  app.add_option("--link-depth", config.subject.link_depth, "of the engine's link, a power of two");
  app.add_flag("--search,!--no-search", config.search, "for NDR and PDR, which takes minutes");
  app.add_option(
         "--rate", rate,
         "frames a second: instead of comparing, holds this load and shows every loss; exit status 3 when "
         "there is one, or when the sender missed its rate")
      ->check(CLI::Range(1, 100'000'000));
  app.add_option("--latency", latency,
                 "frames a second, several: instead of comparing, says how old datagrams are at the consumer "
                 "at these loads")
      ->delimiter(',')
      ->check(CLI::Range(1, 100'000'000))
      ->excludes("--rate");
  app.add_option(
         "--sweep", sweep,
         "shares (100, 50, 10 and 1 % for the port) or lengths (frames of 64 to 1,270 bytes): instead of "
         "comparing, each way at each step, flat out and at --load")
      ->check(CLI::IsMember({"shares", "lengths"}))
      ->excludes("--rate")
      ->excludes("--latency");
  app.add_option("--load", load, "frames a second at which --sweep compares CPU time")
      ->check(CLI::Range(1000, 100'000'000));
  app.add_option("--json", json, "file for all measurements");
  CLI11_PARSE(app, argc, argv);

  config.stage.coupling = coupling == "coupled" ? Coupling::kCoupled : Coupling::kDecoupled;
  config.duration = static_cast<Nanoseconds>(seconds * kSecond);
  if (!latency.empty()) return ages(config, latency);
  if (!sweep.empty()) {
    return show(run_sweep({config, sweep == "shares" ? share_steps() : length_steps(), load}, progress),
                json);
  }
  return rate != 0 ? steady(config, rate) : show(compare(config, progress), json);
}

}  // namespace

int main(int argc, char** argv) {
  return run(argc, argv);
}
