// An operator's commands to the real binary by the real binary, while traffic flows and while somebody
// hammers at the socket. argv[1] is the binary. Needs root.
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/unix_address.h"
#include "engine/commands/testing/run_process.h"
#include "engine/commands/testing/steady_stream.h"
#include "engine/receive/testing/receiver_on_veth.h"

namespace penstock {
namespace {

std::string control_path() {
  return RunProcess::folder() / "control";
}

class RunControlTest : public ReceiverOnVeth, public ::testing::WithParamInterface<const char*> {
 protected:
  static std::string config(const std::string& path = GetParam(), const std::string& more = "") {
    return "interface = \"pen1\"\npath = \"" + path + "\"\nports = [8003]\n" + more +
           "[sink]\nthread = true\n[metrics]\nlisten = \"127.0.0.1:0\"\n";
  }
  static std::vector<std::string> listening() { return {"--control", control_path()}; }

  struct Told {
    int status;
    std::string text;
  };
  static Told tell(const std::string& command) {
    ChildProcess child(RunProcess::folder() / "told",
                       {RunProcess::binary(), command, "--control", control_path()});
    const int status = child.wait();
    return {status, child.output()};
  }
  static std::string program_on_veth() {
    const std::string file = RunProcess::folder() / "program";
    run("ip -details link show pen1 | grep -o 'prog/xdp id [0-9]*' > " + file);
    return text_of(file);
  }
  static bool consumes(const RunProcess& engine, std::int64_t wanted) {
    for (int i = 0; i < 1'000; ++i) {
      engine.refresh_counters();
      if (engine.counter("penstock_sink_consumed_total") >= wanted)
        return engine.counter("penstock_sink_consumed_total") == wanted;
      usleep(10'000);
    }
    return false;
  }
};

TEST_P(RunControlTest, ProgramsAreSwappedWithoutALossWhileSomebodyHammersAtTheSocket) {
  RunProcess engine(config(), "run", listening());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  SteadyStream stream([this](std::uint16_t source) { send({.source_port = source}); });
  std::string program = program_on_veth();
  for (int round = 0; round < 5; ++round) {
    std::vector<UniqueFd> nuisances;
    const auto address = UnixAddress::parse(control_path());
    for (int i = 0; i < 12; ++i) {  // more than it lets in
      nuisances.emplace_back(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      if (connect(nuisances.back().get(), address->get(), address->length) != 0) continue;
      const std::string garbage(i * 100, static_cast<char>(i));
      if (i % 3 != 0) ::send(nuisances.back().get(), garbage.data(), garbage.size(), MSG_NOSIGNAL);
    }
    nuisances.clear();
    const Told told = tell("swap-programs");
    EXPECT_EQ(told.status, 0) << told.text << engine.output();
    EXPECT_EQ(told.text.find("XDP program "), 0u) << told.text;
    const std::string now = program_on_veth();
    EXPECT_NE(now, program);
    EXPECT_NE(told.text.find(now.substr(now.rfind(' ') + 1, now.size() - now.rfind(' ') - 2) + " on pen1"),
              std::string::npos)
        << told.text << now;
    program = now;
  }
  const std::int64_t sent = stream.end();
  EXPECT_GT(sent, 0);
  EXPECT_TRUE(consumes(engine, sent)) << sent << "\n" << engine.output();
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
  EXPECT_FALSE(std::filesystem::exists(control_path()));
}

INSTANTIATE_TEST_SUITE_P(Filters, RunControlTest, ::testing::Values("kernel_filter", "userspace_filter"),
                         [](const auto& info) { return std::string(info.param); });

using RunControlAnswersTest = RunControlTest;

TEST_P(RunControlAnswersTest, AReloadSaysWhatBecameOfItAndWhetherAllWentWell) {
  RunProcess engine(config(), "run", listening());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  const std::filesystem::path file = RunProcess::folder() / "run.toml";
  std::ofstream(file) << config("udp", "on_gone = \"end\"\n");
  const Told good = tell("reload");
  EXPECT_EQ(good.status, 0) << good.text;
  EXPECT_EQ(good.text,
            "on_gone = 'end' from now on\npath = 'udp' takes effect at the next start; until then "
            "'kernel_filter'\n");
  EXPECT_TRUE(engine.says("penstock: on_gone = 'end' from now on")) << engine.output();
  std::ofstream(file) << "interface = 7\n";
  const Told bad = tell("reload");
  EXPECT_EQ(bad.status, 1);
  EXPECT_NE(bad.text.find("goes on as it is"), std::string::npos) << bad.text;
}

TEST_P(RunControlAnswersTest, WhoHasNoProgramSwapsNone) {
  RunProcess engine(config("udp"), "run", listening());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  const Told told = tell("swap-programs");
  EXPECT_EQ(told.status, 1);
  EXPECT_NE(told.text.find("swap the XDP program: udp has none"), std::string::npos) << told.text;
}

TEST_P(RunControlAnswersTest, AnEngineThatWaitsForItsInterfaceAnswers) {
  RunProcess engine(config(), "run", listening());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  run("ip link del pen0");
  ASSERT_TRUE(engine.says("waits for pen1")) << engine.output();
  const Told told = tell("swap-programs");
  EXPECT_EQ(told.status, 1);
  EXPECT_NE(told.text.find("no XDP program is attached"), std::string::npos) << told.text;
  EXPECT_EQ(tell("reload").status, 0);
}

TEST_P(RunControlAnswersTest, AKilledEngineLeavesAFileThatTheNextOneTakes) {
  {
    RunProcess engine(config(), "run", listening());
    ASSERT_TRUE(engine.says("receiving on")) << engine.output();
    engine.signal(SIGKILL);
    EXPECT_EQ(engine.wait(), -1);
  }
  const Told nobody = tell("reload");
  EXPECT_EQ(nobody.status, 1);
  EXPECT_NE(nobody.text.find("is the engine running?"), std::string::npos) << nobody.text;
  RunProcess engine(config(), "run", listening());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  EXPECT_EQ(tell("reload").status, 0);
  RunProcess other(config("udp"), "other", listening());
  EXPECT_TRUE(other.says("no commands: ")) << other.output();
}

INSTANTIATE_TEST_SUITE_P(KernelFilter, RunControlAnswersTest, ::testing::Values("kernel_filter"));

}  // namespace
}  // namespace penstock
