// The real binary on a veth: what it says, what it counts, how it ends. argv[1] is the binary. Needs root.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/commands/testing/run_process.h"
#include "engine/packet/digest.h"
#include "engine/receive/testing/inbound.h"
#include "engine/receive/testing/receiver_on_veth.h"

namespace penstock {
namespace {

class RunCommandTest : public ReceiverOnVeth, public ::testing::WithParamInterface<const char*> {
 protected:
  std::string config(const std::string& more = "") const {
    return std::string("interface = \"pen1\"\npath = \"") + GetParam() +
           "\"\nports = [8003]\n[receiver]\nrx_entries = 256\n" + more;
  }
  bool userspace() const { return std::string(GetParam()) == "userspace_filter"; }
};

TEST_P(RunCommandTest, ReceivesCountsAndEndsCleanly) {
  RunProcess engine(config());
  ASSERT_TRUE(engine.says("receiving on pen1: " + std::string(GetParam()) + ", native copy, 1 of 1 queues"))
      << engine.output();
  EXPECT_NE(engine.output().find("as configured"), std::string::npos);
  run("grep -qx pen-net /proc/" + std::to_string(engine.pid()) + "/task/*/comm");
  if (userspace()) run("grep -qx pen-return /proc/" + std::to_string(engine.pid()) + "/task/*/comm");

  for (int i = 0; i < 100; ++i)
    send();
  for (int i = 0; i < 30; ++i)
    send({.port = kOtherPort});
  for (int i = 0; i < 20; ++i)
    send({.options = true});
  do
    engine.refresh_counters();
  while (engine.counter("penstock_sink_consumed_total") < 120);
  EXPECT_EQ(engine.counter("penstock_published_total{port=\"8003\"}"), 100);
  EXPECT_EQ(engine.counter("penstock_slow_way_published_total{port=\"8003\"}"), 20);

  engine.signal(SIGTERM);
  ASSERT_EQ(engine.wait(), 0) << engine.output();
  EXPECT_NE(engine.output().find("stopped after 120 datagrams, 20 of them by the slow way; 0 lost"),
            std::string::npos)
      << engine.output();
  EXPECT_EQ(engine.counter("penstock_sink_consumed_total"), 120);
  EXPECT_EQ(engine.counter("penstock_sink_bytes_total"), 12'000);
  if (userspace()) {
    // Scope `udp`: what is taken off the queue and handed back is the other port and the options.
    EXPECT_EQ(engine.counter("penstock_returned_to_host_total"), 50);
    EXPECT_EQ(engine.counter("penstock_return_written_total"), 50);
  } else {
    EXPECT_EQ(engine.counter("penstock_xdp_pass_total{reason=\"port\"}"), 30);
    EXPECT_EQ(engine.counter("penstock_xdp_pass_total{reason=\"ip_options\"}"), 20);
  }
  EXPECT_TRUE(eventually("! ip link show pen1 | grep -q xdp"));
  EXPECT_TRUE(eventually("! ip -o link | grep -q penstock"));
}

TEST_P(RunCommandTest, ASinkOnItsOwnThreadGetsTheSameDatagrams) {
  for (const std::string own_thread : {"false", "true"}) {
    RunProcess engine(config() + "[sink]\ndigest = true\nthread = " + own_thread + "\n");
    ASSERT_TRUE(engine.says("receiving on")) << engine.output();
    run((own_thread == "true" ? "" : "! ") + ("grep -qx pen-sink /proc/" + std::to_string(engine.pid())) +
        "/task/*/comm");
    MultisetDigest sent;
    for (std::uint64_t tag = 1; tag <= 200; ++tag) {
      const std::vector<std::byte> frame = datagram(tag, {});
      send_frame(frame);
      sent.add_datagram({kFarAddress, 8006}, {kAddress, kPort}, std::span(frame).subspan(42));
    }
    do
      engine.refresh_counters();
    while (engine.counter("penstock_sink_consumed_total") < 200);
    engine.signal(SIGTERM);
    EXPECT_EQ(engine.wait(), 0);
    EXPECT_NE(engine.output().find("payload digest " + sent.to_string()), std::string::npos)
        << engine.output();
    EXPECT_EQ(engine.counter("penstock_overrun_total{consumer=\"sink\"}"), 0);
  }
}

TEST_P(RunCommandTest, AStoppedProcessDoesNotCutTheHostOff) {
  Inbound host("pen1");
  RunProcess engine(config("scope = \"all\"\n"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  engine.signal(SIGSTOP);
  usleep(200'000);  // the dead-man's switch of the userspace filter trips at 100 ms
  for (int i = 0; i < 5; ++i)
    send({.port = kOtherPort});
  host.drain();
  EXPECT_EQ(host.frames.size(), 5u);
  engine.signal(SIGCONT);
  do {
    send();
    engine.refresh_counters();
  } while (engine.counter("penstock_published_total{port=\"8003\"}") < 1);
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
}

TEST_P(RunCommandTest, EveryWaitStrategyReceivesAndEnds) {
  for (const std::string wait : {"block", "adaptive", "spin", "busy_poll"}) {
    RunProcess engine(config("[threads]\nwait = \"" + wait + "\"\n"));
    ASSERT_TRUE(engine.says("wait " + wait)) << engine.output();
    for (int i = 0; i < 10; ++i)
      send();
    do
      engine.refresh_counters();
    while (engine.counter("penstock_sink_consumed_total") < 10);
    engine.signal(SIGINT);
    EXPECT_EQ(engine.wait(), 0) << engine.output();
    run("ip -o link | grep -c penstock > /dev/null || true");
  }
}

TEST_P(RunCommandTest, SurvivesItsInterfaceGoingDownAndUp) {
  RunProcess engine(config());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  run("ip link set pen1 down");
  usleep(100'000);
  run("ip link set pen1 up && ip neighbour replace 192.0.2.1 lladdr 02:00:00:00:00:01 dev pen1");
  // Frames are lost until the carrier is back.
  do {
    send();
    engine.refresh_counters();
  } while (engine.counter("penstock_published_total{port=\"8003\"}") < 3);
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
}

TEST_P(RunCommandTest, WaitsForItsInterfaceToComeBackAndReceivesAgain) {
  RunProcess engine(config());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  for (int times = 1; times <= 2; ++times) {
    run("ip link del pen0");
    ASSERT_TRUE(engine.says("waits for pen1 to come back")) << engine.output();
    make_veth("");
    const auto received_again = [&] {
      const std::string said = engine.output();
      std::size_t count = 0;
      for (std::size_t at = said.find("receiving on"); at != said.npos;
           at = said.find("receiving on", at + 1))
        ++count;
      return count == static_cast<std::size_t>(times) + 1;
    };
    for (int i = 0; i < 2000 && !received_again(); ++i)
      usleep(10'000);
    ASSERT_TRUE(received_again()) << engine.output();
    do {
      send();
      engine.refresh_counters();
    } while (engine.counter("penstock_published_total{port=\"8003\"}") < 1);
  }
  run("ip link del pen0");
  usleep(100'000);
  engine.signal(SIGTERM);  // also while it waits
  EXPECT_EQ(engine.wait(), 0) << engine.output();
}

TEST_P(RunCommandTest, EndsWithTheReasonWhenItsInterfaceGoesAndThatIsTheEnd) {
  RunProcess engine("on_gone = \"end\"\n" + config());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  run("ip link del pen0");
  EXPECT_EQ(engine.wait(), 1);
  EXPECT_NE(engine.output().find("ENXIO"), std::string::npos) << engine.output();
}

TEST_P(RunCommandTest, SaysWhatIsMissing) {
  RunProcess no_interface("interface = \"nosuch0\"\nports = [8003]\n");
  EXPECT_EQ(no_interface.wait(), 1);
  EXPECT_NE(no_interface.output().find("nosuch0"), std::string::npos) << no_interface.output();
  EXPECT_NE(no_interface.output().find("ENODEV"), std::string::npos) << no_interface.output();
  RunProcess typo(config("fil_frames = 3\n"));
  EXPECT_EQ(typo.wait(), 1);
  EXPECT_NE(typo.output().find("fill_frames"), std::string::npos) << typo.output();
  RunProcess too_many(config("sockets = 2\n"));
  EXPECT_EQ(too_many.wait(), 1);
  EXPECT_NE(too_many.output().find("1 RX queues"), std::string::npos) << too_many.output();
}

TEST_P(RunCommandTest, StepsDownWithTheReasonOrRefuses) {
  run("ip link set lo up");
  std::string on_lo = config();
  on_lo.replace(on_lo.find("pen1"), 4, "lo");
  RunProcess engine(on_lo);
  ASSERT_TRUE(engine.says("receiving on lo: kernel_filter, generic copy")) << engine.output();
  EXPECT_NE(engine.output().find("EOPNOTSUPP"), std::string::npos) << engine.output();
  EXPECT_NE(engine.output().find("less than configured"), std::string::npos);
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0);
  RunProcess refused("required = true\n" + on_lo);
  EXPECT_EQ(refused.wait(), 1);
  EXPECT_NE(refused.output().find("required"), std::string::npos) << refused.output();
}

// Its own host's datagrams, to a loopback address or another one of its own, are doubtful on the wire, and so
// they are left to the stack, which knows better.
TEST_P(RunCommandTest, OverLoopbackEachDatagramComesOnceByTheSlowWay) {
  run("ip link set lo up && ip address replace 192.0.2.99/32 dev lo");
  std::string on_lo = config();
  on_lo.replace(on_lo.find("pen1"), 4, "lo");
  RunProcess engine(on_lo);
  ASSERT_TRUE(engine.says("receiving on lo")) << engine.output();
  for (const char* const to : {"127.0.0.1", "192.0.2.99"})
    run(std::string("bash -c 'for i in $(seq 50); do echo shred > /dev/udp/") + to + "/8003; done'");
  do
    engine.refresh_counters();
  while (engine.counter("penstock_sink_consumed_total") < 100);
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0);
  EXPECT_NE(engine.output().find("stopped after 100 datagrams, 100 of them by the slow way; 0 lost"),
            std::string::npos)
      << engine.output();
  EXPECT_EQ(engine.counter("penstock_xdp_pass_total{reason=\"martian_source\"}"), 50);
  EXPECT_EQ(engine.counter("penstock_xdp_pass_total{reason=\"own_source\"}"), 50);
  run("ip address del 192.0.2.99/32 dev lo");
}

TEST_P(RunCommandTest, WithoutPrivilegeItSaysWhichAndHowToGrantIt) {
  std::ofstream(RunProcess::folder() / "run.toml") << config();
  for (const auto& [without, error] :
       {std::pair("-net_admin,-bpf,-sys_admin", "EPERM"), std::pair("-perfmon,-sys_admin", "EACCES")}) {
    const std::string set = std::string("setpriv --bounding-set=") + without + " --inh-caps=" + without + " ";
    run(set + RunProcess::binary() + " run --config " + (RunProcess::folder() / "run.toml").string() + " 2>" +
        (RunProcess::folder() / "out").string() + "; test $? = 1");
    const std::string output = text_of(RunProcess::folder() / "out");
    EXPECT_NE(output.find(error), std::string::npos) << output;
    EXPECT_NE(output.find("grant CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON"), std::string::npos) << output;
  }
}

TEST_P(RunCommandTest, KillMinusNineLeavesNothing) {
  Inbound host("pen1");
  RunProcess engine(config());
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  run("ip link show pen1 | grep -q xdp");
  engine.signal(SIGKILL);
  EXPECT_EQ(engine.wait(), -1);
  EXPECT_TRUE(eventually("! ip link show pen1 | grep -q xdp"));
  EXPECT_TRUE(eventually("! ip -o link | grep -q penstock"));
  send();
  host.drain();
  EXPECT_EQ(host.frames.size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Paths, RunCommandTest, ::testing::Values("kernel_filter", "userspace_filter"),
                         [](const auto& info) {
                           return std::string(info.param) == "kernel_filter" ? "KernelFilter"
                                                                             : "UserspaceFilter";
                         });

}  // namespace
}  // namespace penstock
