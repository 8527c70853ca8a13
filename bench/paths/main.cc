// Measures the receive paths against each other on a veth pair of this machine, or on two ports of it.
// `bench/paths --help`.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/paths/bursts.h"
#include "bench/paths/comparison.h"
#include "bench/paths/latency.h"
#include "bench/paths/limits.h"
#include "bench/paths/loss_curve.h"
#include "bench/paths/queues.h"
#include "bench/paths/steady.h"
#include "bench/paths/sweep.h"
#include "sim/commands/lab_command.h"

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

struct Options {
  ComparisonConfig config{};
  std::string coupling = "coupled";
  std::string lab{};
  bool peers = false;
  double seconds = 1;
  std::uint64_t load = 300'000;
  std::string json{};

  // Of these at most one is given.
  std::uint64_t rate = 0;
  std::vector<std::uint64_t> latency{};
  std::string sweep{};
  CLI::Option* bursts = nullptr;
  std::vector<std::uint32_t> rings{};
  CLI::Option* loss_curve = nullptr;
  std::vector<std::uint64_t> rates{};
  bool limits = false;
  CLI::Option* queues = nullptr;
  std::vector<std::uint32_t> counts{};
};

constexpr const char* kBoth = "both";
const CLI::Range kRates(1, 100'000'000);

void add_settings(CLI::App& app, Options& options) {
  ComparisonConfig& config = options.config;
  app.add_option("--ways", config.names,
                 "PATH/WAIT, several; by default every path, spinning and blocking. Peers: bare_recvmmsg and "
                 "bare_io_uring, /spin or /block, and testpmd/spin where dpdk-testpmd is installed")
      ->delimiter(',');
  app.add_flag("--peers", options.peers, "every way and all peers that there are")->excludes("--ways");
  app.add_option("--coupling", options.coupling,
                 "coupled (NAPI on the sender's core) or decoupled (on the receiver's); both, one after the "
                 "other, with --limits")
      ->check(CLI::IsMember({"coupled", "decoupled", kBoth}));
  app.add_option("--lab", options.lab,
                 "lab file (docs/lab.md): over its two ports, set and given back, instead of a veth pair")
      ->check(CLI::ExistingFile)
      ->excludes("--coupling");
  app.add_option("--rounds", config.rounds, "of each measurement")->check(CLI::Range(1, 100));
  app.add_option("--seconds", options.seconds, "of each trial")->check(CLI::Range(0.1, 60.0));
  app.add_option("--frame-bytes", config.stage.traffic.frame_bytes, "of each frame")
      ->check(CLI::Range(60, 1514));
  app.add_option("--ours-percent", config.stage.traffic.ours_percent, "of the frames for the received port")
      ->check(CLI::Range(1, 100));
  app.add_option("--rx-entries", config.subject.rx_entries, "of the RX ring, a power of two");
  app.add_option("--fill-frames", config.subject.fill_frames, "of the queue; 0: the engine's default");
  app.add_option("--link-depth", config.subject.link_depth, "of the engine's link, a power of two");
  app.add_flag("--search,!--no-search", config.search, "for NDR and PDR, which takes minutes");
  app.add_option("--load", options.load, "frames a second at which --sweep compares CPU time")
      ->check(CLI::Range(1000, 100'000'000));
  app.add_option("--json", options.json, "file for all measurements");
}

void add_measurements(CLI::App& app, Options& options) {
  CLI::App& instead =
      *app.add_option_group("Instead of comparing", "One of these measurements; the defaults in brackets");
  instead.require_option(0, 1);
  instead
      .add_option(
          "--rate", options.rate,
          "frames a second: holds this load and shows every loss; exit status 3 when there is one, or "
          "when the sender missed its rate")
      ->check(kRates);
  instead
      .add_option("--latency", options.latency,
                  "frames a second, several: how old datagrams are at the consumer at these loads")
      ->delimiter(',')
      ->check(kRates);
  instead
      .add_option("--sweep", options.sweep,
                  "shares (100, 50, 10 and 1 % for the port) or lengths (frames of 64 to 1,270 bytes): each "
                  "way at each step, flat out and at --load")
      ->check(CLI::IsMember({"shares", "lengths"}));
  options.bursts = instead
                       .add_option("--bursts", options.rings,
                                   "entries of the RX ring, several [512 to 32,768]: the largest burst that "
                                   "loses nothing")
                       ->delimiter(',')
                       ->expected(0, 32)
                       ->check(CLI::Range(64, 1 << 20));
  instead.add_flag("--limits", options.limits,
                   "NDR and PDR by MLRsearch, and how old datagrams are at 10, 50 and 90 % of NDR");
  options.queues = instead
                       .add_option("--queues", options.counts,
                                   "of a veth, several numbers of them [1, 2]: what each way does flat out, "
                                   "with a sender on a CPU of its own for each queue")
                       ->delimiter(',')
                       ->expected(0, 16)
                       ->check(CLI::Range(1, 64));
  options.loss_curve = instead
                           .add_option("--loss-curve", options.rates,
                                       "frames a second, several [a quarter of a million to four]: what is "
                                       "lost at these loads")
                           ->delimiter(',')
                           ->expected(0, 64)
                           ->check(kRates);
}

// Both, or the one of the stage.
std::vector<Coupling> couplings_of(const Options& options) {
  if (options.coupling == kBoth) return {Coupling::kCoupled, Coupling::kDecoupled};
  return {options.config.stage.coupling};
}

int measure(const Options& options) {
  const ComparisonConfig& config = options.config;
  if (!options.json.empty() && (options.rate != 0 || !options.latency.empty()))
    return complain("--rate and --latency write no --json");
  if (options.rate != 0) return steady(config, options.rate);
  if (!options.latency.empty()) return ages(config, options.latency);
  if (!options.sweep.empty()) {
    const std::vector<Traffic> steps = options.sweep == "shares" ? share_steps() : length_steps();
    return show(run_sweep({config, steps, options.load}, progress), options.json);
  }
  if (options.bursts->count() != 0) {
    BurstConfig bursts{.comparison = config};
    if (!options.rings.empty()) bursts.rings = options.rings;
    return show(run_bursts(bursts, progress), options.json);
  }
  if (options.loss_curve->count() != 0) {
    const std::vector<std::uint64_t> rates = options.rates.empty() ? usual_rates() : options.rates;
    return show(run_loss_curve({config, rates}, progress), options.json);
  }
  if (options.queues->count() != 0) {
    QueuesConfig queues{.comparison = config};
    if (!options.counts.empty()) queues.queues = options.counts;
    return show(run_queues(queues, progress), options.json);
  }
  if (options.limits)
    return show(run_limits({.comparison = config, .couplings = couplings_of(options)}, progress),
                options.json);
  return show(compare(config, progress), options.json);
}

int run(int argc, char** argv) {
  CLI::App app(
      "Compares the receive paths: highest rate, CPU time a packet then, NDR and PDR. Paths take turns in "
      "every round; medians are shown. Needs root, two CPUs and a machine with nothing else to do.");
  Options options;
  add_settings(app, options);
  add_measurements(app, options);
  CLI11_PARSE(app, argc, argv);
  if (options.coupling == kBoth && !options.limits) return complain("--coupling both is for --limits alone");
  options.config.stage.coupling = options.coupling == "decoupled" ? Coupling::kDecoupled : Coupling::kCoupled;
  if (options.peers) options.config.names = usual_names(true);
  options.config.duration = static_cast<Nanoseconds>(options.seconds * kSecond);
  // That is what CLI11 makes of an option without a value.
  std::erase(options.rings, 0u);
  std::erase(options.rates, 0u);
  std::erase(options.counts, 0u);
  if (options.lab.empty()) return measure(options);
  return in_lab(options.lab, [&](NicLab& lab, const std::stop_token& stop) {
    StageConfig& stage = options.config.stage;
    stage.coupling = Coupling::kPorts;
    stage.lab = &lab;
    stage.stop = &stop;
    return measure(options);
  });
}

}  // namespace

int main(int argc, char** argv) {
  return run(argc, argv);
}
