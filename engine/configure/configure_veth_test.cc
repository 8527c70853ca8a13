// `penstock configure` by the real binary on a real interface: queues, offloads, timers. Needs root.
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "engine/commands/testing/run_process.h"
#include "engine/receive/testing/receiver_on_veth.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

class ConfigureVethTest : public ReceiverOnVeth {
 protected:
  void SetUp() override {
    make_veth("numrxqueues 4 numtxqueues 1");
    run("ethtool -K pen1 gro on");
    std::ofstream(file()) << "interface = \"pen1\"\nports = [8003]\n"
                             "[threads]\nwait = \"busy_poll\"\n"
                             "[host]\nchannels = 2\noffloads_off = [\"lro\", \"gro\"]\nstate = \""
                          << state().string() << "\"\n";
  }

  static fs::path file() { return RunProcess::folder() / "configure.toml"; }
  static fs::path state() { return RunProcess::folder() / "configure" / "state.ndjson"; }
  // Its output; `status`: what it must end with.
  static std::string configure(const std::string& what, int status, const std::string& more = "--json") {
    ChildProcess child(RunProcess::folder() / "configure.out",
                       {RunProcess::binary(), "configure", what, "--config", file(), more});
    EXPECT_EQ(child.wait(), status) << child.output();
    return child.output();
  }
  static void expect_host(int queues, const std::string& gro, int defer, int timeout) {
    run("ethtool -l pen1 | tail -5 | grep -qE '^RX:[[:space:]]*" + std::to_string(queues) + "$'");
    run("ethtool -k pen1 | grep -q '^generic-receive-offload: " + gro + "'");
    run("grep -qx " + std::to_string(defer) + " /sys/class/net/pen1/napi_defer_hard_irqs");
    run("grep -qx " + std::to_string(timeout) + " /sys/class/net/pen1/gro_flush_timeout");
  }
};

TEST_F(ConfigureVethTest, ChecksSetsAndPutsBack) {
  expect_host(4, "on", 0, 0);
  const std::string wrong = configure("check", 1);
  for (const char* what :
       {"pen1 channels", "pen1 gro", "pen1 napi_defer_hard_irqs", "pen1 gro_flush_timeout"})
    EXPECT_NE(wrong.find(what), std::string::npos) << wrong;
  EXPECT_NE(wrong.find("`ethtool -L pen1 combined 2`"), std::string::npos) << wrong;
  expect_host(4, "on", 0, 0);

  for (int i = 0; i < 2; ++i) {
    configure("init", 0);
    expect_host(2, "off", 2, 200'000);
  }
  configure("check", 0);
  for (int i = 0; i < 2; ++i) {
    configure("fini", 0);
    expect_host(4, "on", 0, 0);
    EXPECT_FALSE(fs::exists(state()));
  }
}

// What the kernel cannot give is said, and the rest is set.
TEST_F(ConfigureVethTest, MoreQueuesThanThereAreIsAFailureOfThatAlone) {
  run("sed -i 's/channels = 2/channels = 9/' " + file().string());
  const std::string said = configure("init", 1);
  EXPECT_NE(said.find("EINVAL"), std::string::npos) << said;
  expect_host(4, "off", 2, 200'000);
  configure("fini", 0);
  expect_host(4, "on", 0, 0);
}

TEST_F(ConfigureVethTest, ABadFileIsUsage) {
  std::ofstream(file(), std::ios::app) << "nosuch = 1\n";
  EXPECT_NE(configure("check", 2).find("unknown key"), std::string::npos);
}

}  // namespace
}  // namespace penstock
