// Proof 3 as a program: fuzzed frames to plain UDP sockets and to the receive paths (oracle_fuzz.h). Run it
// under ci/bazel/in_netns.sh. The tests of this package are this program with few cases; the nightly run
// has many and another seed.
//
// Exit status: 0 no difference, 1 a difference or too little covered, 2 usage or an error.
#include <cstdio>
#include <cstdlib>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/capture/capture.h"
#include "sim/oracle_fuzz/oracle_fuzz.h"

namespace penstock {
namespace {

// Fewer would mean that most frames are dropped for a reason that both sides see at once.
constexpr std::uint64_t kLeastDeliveredPercent = 15;

int complain(const Error& error) {
  fmt::print(stderr, "oracle_fuzz: {}\n", error.message());
  return 2;
}

// 0, or why the run proves too little.
int judge_coverage(const FuzzReport& report, const FuzzConfig& config) {
  int status = 0;
  if (100 * report.datagrams < kLeastDeliveredPercent * report.frames) {
    fmt::print(stderr, "only {} of {} frames gave a datagram: at least {} % must\n", report.datagrams,
               report.frames, kLeastDeliveredPercent);
    status = 1;
  }
  for (const std::string& reason : report.reasons_not_seen(config.profile)) {
    fmt::print(stderr, "no frame had the classifier's reason {}\n", reason);
    status = 1;
  }
  return status;
}

int run(FuzzConfig config, const std::string& capture) {
  if (!capture.empty()) {
    Result<std::vector<OwnedFrame>> frames = read_ethernet_frames(capture);
    if (!frames) return complain(frames.error());
    for (OwnedFrame& frame : *frames)
      config.frames.push_back(std::move(frame.bytes));
  }
  fmt::print("SEED={} profile={} cases {} to {}\n", config.seed, config.profile.name, config.first,
             config.first + config.cases);
  std::fflush(stdout);
  const Result<FuzzReport> report = run_oracle_fuzz(config);
  if (!report) return complain(report.error());
  if (report->mismatch) {
    const char* outputs = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
    const Result<std::string> text =
        describe(*report->mismatch, config, outputs != nullptr ? outputs : "/tmp");
    if (!text) return complain(text.error());
    fmt::print("{}", *text);
    return 1;
  }
  fmt::print("{} frames, {} datagrams: no difference\n", report->frames, report->datagrams);
  for (std::size_t reason = 0; reason < report->by_reason.size(); ++reason)
    fmt::print("  {:<18} {}\n", reason_name(reason), report->by_reason[reason]);
  return config.frames.empty() ? judge_coverage(*report, config) : 0;
}

int main_of(int argc, char** argv) {
  FuzzConfig config;
  std::string profile = "default";
  std::vector<std::string> paths;
  std::string capture;
  CLI::App app("Fuzzed frames to plain UDP sockets and to the receive paths: no payload may differ");
  app.add_option("--profile", profile, "options of the receiver: default, vlan, ipv6, ipv6_off, verify, all");
  app.add_option("--paths", paths, "kernel_filter, userspace_filter, io_uring, udp; all when not given")
      ->delimiter(',');
  app.add_option("--seed", config.seed, "of the cases");
  app.add_option("--first", config.first, "number of the first case");
  app.add_option("--cases", config.cases, "how many");
  app.add_option("--batch", config.batch, "cases in a batch")->check(CLI::Range(1, 100'000));
  app.add_option("--pcap", capture, "the frames of this capture instead, as one batch");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const Result<FuzzProfile> found = find_fuzz_profile(profile);
  if (!found) return complain(found.error());
  config.profile = *found;
  if (!paths.empty()) config.paths.clear();
  for (const std::string& name : paths) {
    const Result<Path> path = parse_path(name);
    if (!path) return complain(path.error());
    config.paths.push_back(*path);
  }
  return run(std::move(config), capture);
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  return penstock::main_of(argc, argv);
}
