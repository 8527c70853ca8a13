// Law 4 for `runner run` as a whole: each of its processes is killed with SIGKILL while the engine receives,
// one process a run, and nothing stays behind. The run is a plain child of this test, which adopts its
// orphans: no PID namespace around it ends anything. Needs root. Argument: the runner.
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/base/wait.h"
#include "sim/topology/leaks/entries_of.h"
#include "sim/topology/leaks/kernel_objects.h"
#include "sim/topology/running_program.h"
#include "sim/topology/testing/value_of.h"

namespace penstock {
namespace {

using testing::value_of;
namespace fs = std::filesystem;

constexpr Nanoseconds kPatience = 60 * kSecond;
// Of a run that lost its client or server: it is made again, twice, if that left it without proof.
constexpr Nanoseconds kLongestRun = 240 * kSecond;
std::string g_runner;

// An engine beside a server, a client and pings, that end before the workload does: else the run is made
// again. No plain sockets come first, so that all of them are there while the engine receives.
constexpr const char* kScenario = R"(
name = "to_be_killed"
description = "A run of several processes, for some seconds."
[workload]
profile = "first-light"
shreds = "unsigned"
slots = 14
[paths]
run = ["userspace_filter"]
[host]
pings = 400
download_mb = 16
megabytes_per_second = 4
[expect]
same_meaning = false
)";

// The process of that name that one of the threads of `parent` started.
std::optional<pid_t> child_named(pid_t parent, const std::string& name) {
  for (const fs::directory_entry& thread : entries_of(fmt::format("/proc/{}/task", parent))) {
    std::ifstream children(thread.path() / "children");
    for (pid_t pid = 0; children >> pid;) {
      std::ifstream file(fmt::format("/proc/{}/comm", pid));
      if (std::string comm; std::getline(file, comm) && comm == name) return pid;
    }
  }
  return std::nullopt;
}

class KilledRun : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    folder_ = fs::path(::testing::TempDir()) / GetParam();
    fs::create_directories(folder_);
    std::ofstream(folder_ / "scenario.toml") << kScenario;
  }

  fs::path folder_;
};

TEST_P(KilledRun, LeavesNothing) {
  const std::string victim = GetParam();
  const KernelObjects before = value_of(KernelObjects::snapshot());
  RunningProgram run = value_of(RunningProgram::start(
      {.arguments = {g_runner, "run", folder_ / "scenario.toml", "--quiet", "--out", folder_}}));
  // The last that starts is the client; its server and the engine are there.
  std::optional<pid_t> found;
  ASSERT_TRUE(wait_until(
      [&] {
        const bool all = child_named(run.pid(), "curl") && child_named(run.pid(), "ping");
        found = victim == "runner" ? run.pid() : child_named(run.pid(), victim);
        return (all && found) || !run.is_running();
      },
      kPatience));
  ASSERT_TRUE(run.is_running() && found) << run.out() << run.err();
  const std::vector<std::string> added = value_of(KernelObjects::snapshot()).added_since(before);
  for (const std::string wanted : {" take_all", "bpf link", "network namespace", "process "}) {
    EXPECT_TRUE(std::any_of(added.begin(), added.end(), [&](const std::string& name) {
      return name.find(wanted) != std::string::npos;
    })) << wanted;
  }
  ASSERT_EQ(kill(*found, SIGKILL), 0);
  const Result<int> ended = run.wait_for_exit(kLongestRun);
  EXPECT_EQ(ended.has_value(), victim != "runner") << "nobody else's end is the runner's";

  Status gone = wait_until_gone(added, kPatience);
  EXPECT_TRUE(gone) << gone.error().message();
  gone = wait_until_gone(value_of(KernelObjects::snapshot()).added_since(before), kPatience);
  EXPECT_TRUE(gone) << gone.error().message();
}

INSTANTIATE_TEST_SUITE_P(, KilledRun, ::testing::Values("runner", "python3", "ping", "curl"),
                         [](const auto& victim) { return std::string(victim.param); });

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) return 2;
  penstock::g_runner = argv[1];
  return RUN_ALL_TESTS();
}
