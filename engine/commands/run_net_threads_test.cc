// The net threads of the real binary on a veth: several of them, and one that shares its core with the
// kernel. argv[1] is the binary. Needs root.
#include <signal.h>
#include <unistd.h>

#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/commands/testing/run_process.h"
#include "engine/packet/digest.h"
#include "engine/receive/testing/receiver_on_veth.h"
#include "engine/testing/on_one_cpu.h"

namespace penstock {
namespace {

class RunNetThreadsTest : public ReceiverOnVeth, public ::testing::WithParamInterface<const char*> {
 protected:
  std::string config(const std::string& more = "") const {
    return std::string("interface = \"pen1\"\npath = \"") + GetParam() +
           "\"\nports = [8003]\n[receiver]\nrx_entries = 256\n" + more;
  }
  bool userspace() const { return std::string(GetParam()) == "userspace_filter"; }
};

TEST_P(RunNetThreadsTest, TwoNetThreadsShareTheQueues) {
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

// A pair beside the fixture's, with a net thread of its own: the same ports, one engine, one account.
class RunFurtherInterfaceTest : public RunNetThreadsTest {
 protected:
  void SetUp() override {
    RunNetThreadsTest::SetUp();
    make_second();
  }
  void TearDown() override {
    run("! ip link show pen2 > /dev/null 2>&1 || ip link del pen2");
    RunNetThreadsTest::TearDown();
  }
  void make_second() {
    run("ip link add pen2 type veth peer name pen3 address 02:00:00:00:00:03");
    run("sysctl -qw net.ipv4.conf.pen3.rp_filter=0");
    run("ip link set pen2 addrgenmode none up && ip link set pen3 addrgenmode none up");
    open_wire("pen2", second_wire_);
  }
  std::string two() const {
    return "further_interfaces = [\"pen3\"]\n" + config() + "[sink]\ndigest = true\n";
  }

  // One datagram into either wire, as the number is even or odd.
  std::vector<std::byte> send_number(std::uint16_t number) {
    const bool second = number % 2 != 0;
    const MacAddress mac = second ? MacAddress{{2, 0, 0, 0, 0, 3}} : kMac;
    const auto source = static_cast<std::uint16_t>(9000 + number);
    std::vector<std::byte> frame = datagram(number, {.mac = mac, .source_port = source});
    if (second) std::swap(wire_, second_wire_);
    send_frame(frame);
    if (second) std::swap(wire_, second_wire_);
    return frame;
  }
  static bool consumes(const RunProcess& engine, std::int64_t wanted) {
    for (int i = 0; i < 1000; ++i) {
      engine.refresh_counters();
      if (engine.counter("penstock_sink_consumed_total") >= wanted) return true;
    }
    return false;
  }
  // It says the text so many times, by and by.
  static bool says(const RunProcess& engine, const std::string& text, int times) {
    for (int i = 0; i < 1000; ++i) {
      const std::string all = engine.output();
      int found = 0;
      for (std::size_t at = all.find(text); at != std::string::npos; at = all.find(text, at + 1))
        ++found;
      if (found >= times) return true;
      usleep(10'000);
    }
    return false;
  }

  UniqueFd second_wire_;
};

TEST_P(RunFurtherInterfaceTest, ItIsReceivedOnToo) {
  RunProcess engine(two());
  ASSERT_TRUE(engine.says("receiving on pen1 and pen3")) << engine.output();
  EXPECT_TRUE(engine.says("2 of 2 queues by 2 net threads")) << engine.output();
  MultisetDigest sent;
  for (std::uint16_t i = 0; i < 200; ++i) {
    const std::vector<std::byte> frame = send_number(i);
    sent.add_datagram({kFarAddress, static_cast<std::uint16_t>(9000 + i)}, {kAddress, kPort},
                      std::span(frame).subspan(42));
  }
  EXPECT_TRUE(consumes(engine, 200)) << engine.output();
  // The slow way's are those that came while a net thread had no core for 100 ms.
  EXPECT_EQ(engine.counter("penstock_xdp_redirect_total") + engine.counter("penstock_slow_way_rx_total"), 200)
      << "both programs count";
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
  EXPECT_NE(engine.output().find("payload digest " + sent.to_string()), std::string::npos) << engine.output();
  EXPECT_TRUE(eventually("! ip link show pen1 | grep -q xdp && ! ip link show pen3 | grep -q xdp"));
}

TEST_P(RunFurtherInterfaceTest, WhileItIsGoneTheOtherIsReceivedOn) {
  RunProcess engine(two());
  ASSERT_TRUE(engine.says("receiving on pen1 and pen3")) << engine.output();
  run("ip link del pen2");
  ASSERT_TRUE(engine.says("does without pen3 until it is back")) << engine.output();
  ASSERT_TRUE(says(engine, "receiving on pen1: ", 1)) << engine.output();
  for (std::uint16_t i = 0; i < 100; i += 2)
    send_number(i);
  EXPECT_TRUE(consumes(engine, 50)) << engine.output();

  make_second();
  ASSERT_TRUE(engine.says("pen3 is back")) << engine.output();
  ASSERT_TRUE(says(engine, "receiving on pen1 and pen3", 2)) << engine.output();
  for (std::uint16_t i = 0; i < 100; ++i)
    send_number(i);
  EXPECT_TRUE(consumes(engine, 100)) << engine.output();
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
}

TEST_P(RunNetThreadsTest, MoreNetThreadsThanQueuesAreRefused) {
  RunProcess engine(config() + "[threads]\nnet_tiles = 2\n");
  EXPECT_EQ(engine.wait(), 1);
  EXPECT_NE(engine.output().find("net_tiles = 2, but there are sockets on 1 RX queues"), std::string::npos)
      << engine.output();
}

// On veth NAPI runs on the CPU that sends.
TEST_P(RunNetThreadsTest, SleepsWhereTheKernelReceivesOnItsCore) {
  const std::string cpu = std::to_string(OnOneCpu::lowest());
  RunProcess engine(config("[threads]\nwait = \"spin\"\nnet_cpus = [" + cpu + "]\n"));
  ASSERT_TRUE(engine.says("wait spin")) << engine.output();
  const auto says = [&] { return engine.output().find("receiving on its core") != std::string::npos; };
  {
    const OnOneCpu pinned;
    for (int i = 0; i < 1'000'000 && !says(); ++i) {
      for (int burst = 0; burst < 50; ++burst)
        send();
      usleep(5'000);
    }
  }
  EXPECT_TRUE(says());
  engine.refresh_counters();
  EXPECT_EQ(engine.counter("penstock_napi_on_tile_core_total"), 1);
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
}

INSTANTIATE_TEST_SUITE_P(Filters, RunFurtherInterfaceTest,
                         ::testing::Values("kernel_filter", "userspace_filter"),
                         [](const auto& info) { return std::string(info.param); });
INSTANTIATE_TEST_SUITE_P(Paths, RunNetThreadsTest, ::testing::Values("kernel_filter", "userspace_filter"),
                         [](const auto& info) {
                           return std::string(info.param) == "kernel_filter" ? "KernelFilter"
                                                                             : "UserspaceFilter";
                         });

}  // namespace
}  // namespace penstock
