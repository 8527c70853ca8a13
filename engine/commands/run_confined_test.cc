// `penstock run` shut in: no capability in any thread, lists of system calls in force, and everything that it
// is for as before. argv[1] is the binary. Needs root.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/commands/testing/run_process.h"
#include "engine/receive/testing/receiver_on_veth.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

// A file of /proc/PID/task/TID as "name: value" lines.
std::map<std::string, std::string> status_of(const fs::path& task) {
  std::map<std::string, std::string> found;
  std::ifstream file(task / "status");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(":\t");
    if (colon != std::string::npos) found[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return found;
}

class RunConfinedTest : public ReceiverOnVeth, public ::testing::WithParamInterface<const char*> {
 protected:
  static std::string config(const std::string& more = "") {
    return std::string("interface = \"pen1\"\npath = \"") + GetParam() + "\"\nports = [8003]\n" + more +
           "[receiver]\nrx_entries = 256\n[sink]\nthread = true\n[metrics]\nlisten = \"127.0.0.1:0\"\n";
  }
  static pid_t broker_of(const RunProcess& engine) {
    const std::string pid = std::to_string(engine.pid());
    std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
    pid_t first = 0;
    children >> first;
    return first;
  }
  // Sends until the engine has so many of what was sent after this began; false when it has ended.
  bool receives(const RunProcess& engine, std::int64_t count) {
    const std::string counter = "penstock_published_total{port=\"8003\"}";
    engine.refresh_counters();
    const std::int64_t before = std::max<std::int64_t>(engine.counter(counter), 0);
    for (int i = 0; i < 1'000; ++i) {
      send();
      engine.refresh_counters();
      const std::int64_t now = engine.counter(counter);
      if (now >= before + count) return true;
      if (now < 0) return false;  // nobody wrote the file
    }
    return false;
  }
  // What is left on the host of an engine that has ended.
  static void expect_nothing_left() {
    EXPECT_TRUE(eventually("! ip link show pen1 | grep -q xdp"));
    EXPECT_TRUE(eventually("! ip -o link | grep -q penstock"));
    EXPECT_TRUE(eventually("! grep -sqx pen-broker /proc/[0-9]*/comm"));
  }
};

// What is wrong with the threads of a confined engine; empty: nothing.
std::string wrong_with_threads(pid_t engine, const std::vector<std::string>& wanted) {
  std::string wrong;
  std::map<std::string, std::map<std::string, std::string>> threads;
  for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(engine) + "/task")) {
    auto status = status_of(task.path());
    threads[status["Name"]] = std::move(status);
  }
  for (const std::string& name : wanted) {
    if (!threads.contains(name)) wrong.append("no ").append(name).append("\n");
  }
  const std::string none = "0000000000000000";
  for (auto& [name, status] : threads) {
    const auto expect = [&, thread = name](const char* what, const std::string& value, bool good) {
      if (!good) wrong.append(thread).append(" has ").append(what).append(" ").append(value).append("\n");
    };
    // CAP_IPC_LOCK (14), where root has it, is the supervising thread's, whose memory the UMEM is.
    const bool may_lock = name == "penstock";
    for (const char* set : {"CapEff", "CapPrm"})
      expect(set, status[set], status[set] == none || (may_lock && status[set] == "0000000000004000"));
    for (const char* set : {"CapInh", "CapAmb"})
      expect(set, status[set], status[set] == none);
    expect("NoNewPrivs", status["NoNewPrivs"], status["NoNewPrivs"] == "1");
    expect("Seccomp", status["Seccomp"], status["Seccomp"] == "2");
    const bool tile = name != "penstock" && name != "pen-http";
    expect("Seccomp_filters", status["Seccomp_filters"], status["Seccomp_filters"] == (tile ? "2" : "1"));
  }
  return wrong;
}

TEST_P(RunConfinedTest, NoThreadHasACapabilityAndEachIsUnderAList) {
  RunProcess engine(config());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  std::vector<std::string> wanted = {"pen-http", "pen-net", "pen-sink", "penstock"};
  if (std::string(GetParam()) == "userspace_filter") wanted.emplace_back("pen-return");
  // pen-http is waited for by nobody, and may not have begun.
  std::string wrong = wrong_with_threads(engine.pid(), wanted);
  for (int i = 0; i < 1'000 && !wrong.empty(); ++i) {
    usleep(10'000);
    wrong = wrong_with_threads(engine.pid(), wanted);
  }
  EXPECT_EQ(wrong, "");
  auto broker = status_of("/proc/" + std::to_string(broker_of(engine)));
  EXPECT_EQ(broker["Name"], "pen-broker");
  EXPECT_EQ(broker["Seccomp"], "2") << "under a list of its own";
  EXPECT_TRUE(receives(engine, 50)) << engine.output();
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
  expect_nothing_left();
}

TEST_P(RunConfinedTest, SurvivesALinkFlapAndAnInterfaceThatIsMadeAnew) {
  RunProcess engine(config());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  EXPECT_TRUE(receives(engine, 3)) << engine.output();
  run("ip link set pen1 down");
  run("ip link set pen1 up && ip neighbour replace 192.0.2.1 lladdr 02:00:00:00:00:01 dev pen1");
  EXPECT_TRUE(receives(engine, 3)) << engine.output();
  // Program, sockets and TAP of another interface: whoever has no capability cannot have made them.
  run("ip link del pen0");
  ASSERT_TRUE(engine.says("waits for pen1")) << engine.output();
  make_veth("");
  const std::string said = "receiving on pen1";
  bool again = false;
  for (int i = 0; i < 2'000 && !again; ++i) {
    again = engine.output().find(said) != engine.output().rfind(said);
    usleep(10'000);
  }
  ASSERT_TRUE(again) << engine.output();
  EXPECT_TRUE(receives(engine, 3)) << engine.output();
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
}

TEST_P(RunConfinedTest, AKilledEngineLeavesNothing) {
  RunProcess engine(config());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  ASSERT_GT(broker_of(engine), 0);
  engine.signal(SIGKILL);
  EXPECT_EQ(engine.wait(), -1);
  expect_nothing_left();
}

TEST_P(RunConfinedTest, AnEngineWhoseBrokerIsKilledSaysSoAndEnds) {
  RunProcess engine(config());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  const pid_t broker = broker_of(engine);
  ASSERT_GT(broker, 0);
  ASSERT_EQ(kill(broker, SIGKILL), 0);
  EXPECT_EQ(engine.wait(), 1);
  EXPECT_NE(engine.output().find("the broker, the process that holds the engine's capabilities, has ended"),
            std::string::npos)
      << engine.output();
  expect_nothing_left();
}

// A terminal and a service manager send them to every process.
TEST_P(RunConfinedTest, TheBrokerDoesNotDieOfTheEnginesSignals) {
  RunProcess engine(config());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  const pid_t broker = broker_of(engine);
  ASSERT_GT(broker, 0);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1})
    ASSERT_EQ(kill(broker, number), 0);
  EXPECT_TRUE(receives(engine, 3)) << engine.output();
  EXPECT_EQ(kill(broker, 0), 0);
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
  expect_nothing_left();
}

TEST_P(RunConfinedTest, CanBeTurnedOff) {
  RunProcess engine(config("confined = false\n"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  EXPECT_EQ(broker_of(engine), 0);
  EXPECT_EQ(status_of("/proc/" + std::to_string(engine.pid()))["Seccomp"], "0");
  EXPECT_TRUE(receives(engine, 3)) << engine.output();
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
}

INSTANTIATE_TEST_SUITE_P(Paths, RunConfinedTest, ::testing::Values("kernel_filter", "userspace_filter"),
                         [](const auto& each) {
                           return std::string(each.param) == "kernel_filter" ? "KernelFilter"
                                                                             : "UserspaceFilter";
                         });

}  // namespace
}  // namespace penstock
