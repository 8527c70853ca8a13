// The real binary on a veth: what it says, what it counts, how it ends. argv[1] is the binary. Needs root.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
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

TEST_P(RunCommandTest, TwoNetThreadsShareTheQueues) {
  run("ip link del pen0");
  make_veth("numrxqueues 2 numtxqueues 2");
  for (const std::string own_thread : {"false", "true"}) {
    RunProcess engine(config() + "[sink]\ndigest = true\nthread = " + own_thread +
                      "\n[threads]\nnet_tiles = 2\nnet_cpus = [0, 1]\n");
    ASSERT_TRUE(engine.says("2 of 2 queues by 2 net threads")) << engine.output();
    run("grep -qx pen-net1 /proc/" + std::to_string(engine.pid()) + "/task/*/comm");
    MultisetDigest sent;
    for (std::uint16_t i = 0; i < 400; ++i) {
      const auto source = static_cast<std::uint16_t>(9000 + i);  // by which the queue is chosen
      const std::vector<std::byte> frame = datagram(i, {.source_port = source});
      send_frame(frame);
      sent.add_datagram({kFarAddress, source}, {kAddress, kPort}, std::span(frame).subspan(42));
      if (i % 4 == 0) send({.port = kOtherPort, .source_port = source});
      if (i % 100 != 99) continue;  // less than a ring holds, should one queue get them all
      do
        engine.refresh_counters();
      while (engine.counter("penstock_sink_consumed_total") <= i);
    }
    engine.signal(SIGTERM);
    EXPECT_EQ(engine.wait(), 0) << engine.output();
    EXPECT_NE(engine.output().find("payload digest " + sent.to_string()), std::string::npos)
        << engine.output();
    EXPECT_EQ(engine.counter("penstock_return_written_total"), userspace() ? 100 : 0);
  }
  EXPECT_TRUE(eventually("! ip link show pen1 | grep -q xdp"));
}

TEST_P(RunCommandTest, MoreNetThreadsThanQueuesAreRefused) {
  RunProcess engine(config() + "[threads]\nnet_tiles = 2\n");
  EXPECT_EQ(engine.wait(), 1);
  EXPECT_NE(engine.output().find("net_tiles = 2, but there are sockets on 1 RX queues"), std::string::npos)
      << engine.output();
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

// On veth NAPI runs on the CPU that sends.
TEST_P(RunCommandTest, SleepsWhereTheKernelReceivesOnItsCore) {
  cpu_set_t all, one;
  CPU_ZERO(&all);
  ASSERT_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
  int cpu = 0;
  while (!CPU_ISSET(cpu, &all))
    ++cpu;
  RunProcess engine(config("[threads]\nwait = \"spin\"\nnet_cpus = [" + std::to_string(cpu) + "]\n"));
  ASSERT_TRUE(engine.says("wait spin")) << engine.output();
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  const auto says = [&] { return engine.output().find("receiving on its core") != std::string::npos; };
  for (int i = 0; i < 1'000'000 && !says(); ++i) {
    for (int burst = 0; burst < 50; ++burst)
      send();
    usleep(5'000);
  }
  EXPECT_TRUE(says());
  ASSERT_EQ(sched_setaffinity(0, sizeof(all), &all), 0);
  engine.refresh_counters();
  EXPECT_EQ(engine.counter("penstock_napi_on_tile_core_total"), 1);
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
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

TEST_P(RunCommandTest, EndsWithTheReasonWhenItsInterfaceGoes) {
  RunProcess engine(config());
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
