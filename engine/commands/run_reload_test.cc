// `penstock run` takes another file while traffic flows. argv[1] is the binary. Needs root.
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "engine/commands/testing/run_process.h"
#include "engine/commands/testing/steady_stream.h"
#include "engine/receive/testing/receiver_on_veth.h"
#include "engine/shred/base58.h"
#include "engine/shred/signature.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

class RunReloadTest : public ReceiverOnVeth {
 protected:
  static std::string config(const std::string& path, const std::string& ports, const std::string& more = "") {
    return "interface = \"pen1\"\npath = \"" + path + "\"\nports = " + ports + "\n" + more;
  }
  // Has the engine read this text; whether it then says `line`, behind all that it said before.
  static bool reload(RunProcess& engine, const std::string& text, const std::string& line) {
    std::ofstream(RunProcess::folder() / "run.toml") << text;
    const std::size_t before = engine.output().size();
    engine.signal(SIGHUP);
    for (int i = 0; i < 2'000; ++i) {
      if (engine.output().find(line, before) != std::string::npos) return true;
      usleep(10'000);
    }
    return false;
  }
  static std::int64_t counter(const RunProcess& engine, const std::string& name) {
    engine.refresh_counters();
    return engine.counter(name);
  }
  static bool reaches(const RunProcess& engine, const std::string& name, std::int64_t wanted) {
    for (int i = 0; i < 1'000; ++i) {
      if (counter(engine, name) >= wanted) return engine.counter(name) == wanted;
      usleep(10'000);
    }
    return false;
  }
  static std::string holds(int port) {
    return "ss -Huln 'sport = :" + std::to_string(port) + "' | grep -q .";
  }
  // A UDP socket of this process on a port that the kernel chooses, on loopback.
  static UniqueFd listen_on_loopback(std::uint16_t& port) {
    UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(at);
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), length), 0);
    EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&at), &length), 0);
    port = ntohs(at.sin_port);
    return fd;
  }
  static bool gets_one(const UniqueFd& fd) {
    for (int i = 0; i < 1'000; ++i) {
      char byte = 0;
      if (::recv(fd.get(), &byte, 1, MSG_TRUNC) > 0) return true;
      usleep(10'000);
    }
    return false;
  }
};

struct Way {
  const char* path;
  int net_tiles;
};

class RunReloadPortsTest : public RunReloadTest, public ::testing::WithParamInterface<Way> {
 protected:
  static constexpr int kRounds = 3, kBurst = 20;
  static std::string with(const std::string& ports) {
    return config(
        GetParam().path, ports,
        "[sink]\nthread = true\n[threads]\nnet_tiles = " + std::to_string(GetParam().net_tiles) + "\n");
  }
};

TEST_P(RunReloadPortsTest, PortsComeAndGoWhileAnotherLosesNothing) {
  run("ip link del pen0");
  make_veth("numrxqueues 2 numtxqueues 2");
  RunProcess engine(with("[8003]"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  SteadyStream stream([this](std::uint16_t source) { send({.source_port = source}); });
  UniqueFd second;
  open_wire("pen0", second);
  for (int round = 0; round < kRounds; ++round) {
    ASSERT_TRUE(reload(engine, with("[8003, 8007]"), "ports = [ 8003, 8007 ] from now on"))
        << engine.output();
    run(holds(kOtherPort));
    for (std::uint16_t source = 9000; source < 9000 + kBurst; ++source) {
      const auto frame = datagram(1'000'000, {.port = kOtherPort, .source_port = source});
      ASSERT_EQ(::send(second.get(), frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()));
    }
    ASSERT_TRUE(reload(engine, with("[8003]"), "ports = [ 8003 ] from now on")) << engine.output();
    run("! " + holds(kOtherPort));
  }
  // Not before the port has gone for good: the userspace filter judges when it comes round to it.
  const auto refused = datagram(2'000'000, {.port = kOtherPort});
  ASSERT_EQ(::send(second.get(), refused.data(), refused.size(), 0), static_cast<ssize_t>(refused.size()));
  const std::int64_t sent = stream.end();
  EXPECT_GT(sent, 0);
  EXPECT_TRUE(reaches(engine, "penstock_sink_consumed_total", sent + kRounds * kBurst)) << sent << "\n"
                                                                                        << engine.output();
  const auto of_port = [&](const char* port) {
    const std::string label = std::string("_total{port=\"") + port + "\"}";
    return engine.counter("penstock_published" + label) +
           std::max<std::int64_t>(engine.counter("penstock_slow_way_published" + label), 0);
  };
  EXPECT_EQ(of_port("8003"), sent);
  EXPECT_EQ(of_port("8007"), kRounds * kBurst) << "one that has gone is named on";
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
}

INSTANTIATE_TEST_SUITE_P(Ways, RunReloadPortsTest,
                         ::testing::Values(Way{"kernel_filter", 1}, Way{"userspace_filter", 1},
                                           Way{"kernel_filter", 2}, Way{"userspace_filter", 2},
                                           Way{"io_uring", 1}, Way{"udp", 1}),
                         [](const auto& info) {
                           return info.param.path + std::string(info.param.net_tiles == 2 ? "_two" : "");
                         });

TEST_F(RunReloadTest, APortThatSomebodyHoldsChangesNothing) {
  RunProcess engine(config("kernel_filter", "[8003]"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  std::uint16_t taken = 0;
  const UniqueFd holder = listen_on_loopback(taken);
  const std::string both = "[8003, " + std::to_string(taken) + "]";
  EXPECT_TRUE(reload(engine, config("kernel_filter", both), "ports stays [ 8003 ]: ")) << engine.output();
  EXPECT_TRUE(reload(engine, config("kernel_filter", "[8003, 70000]"), "goes on as it is"))
      << engine.output();
  send();
  EXPECT_TRUE(reaches(engine, "penstock_sink_consumed_total", 1)) << engine.output();
}

// Behind an engine that has other ports than at its start comes one with those.
TEST_F(RunReloadTest, PortsOutliveTheInterface) {
  RunProcess engine(config("kernel_filter", "[8003]"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  ASSERT_TRUE(reload(engine, config("kernel_filter", "[8007]"), "ports = [ 8007 ] from now on"));
  run("ip link del pen0");
  ASSERT_TRUE(engine.says("waits for pen1")) << engine.output();
  ASSERT_TRUE(reload(engine, config("kernel_filter", "[8007, 8009]"), "ports = [ 8007, 8009 ] from now on"))
      << engine.output();
  make_veth("");
  ASSERT_TRUE(engine.says("ports 8007 8009")) << engine.output();
  send({.port = kOtherPort});
  EXPECT_TRUE(reaches(engine, "penstock_sink_consumed_total", 1)) << engine.output();
}

TEST_F(RunReloadTest, AForwardIsRedirected) {
  run("ip link set lo up");
  std::uint16_t one = 0, two = 0;
  const UniqueFd first = listen_on_loopback(one), second = listen_on_loopback(two);
  const auto forward = [](std::uint16_t port) {
    return config("kernel_filter", "[8003]",
                  "[outlet]\nforward = \"127.0.0.1:" + std::to_string(port) + "\"\n");
  };
  RunProcess engine(forward(one));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  send();
  EXPECT_TRUE(gets_one(first));
  const std::string line = "outlet.forward = '127.0.0.1:" + std::to_string(two) + "' from now on";
  ASSERT_TRUE(reload(engine, forward(two), line)) << engine.output();
  send();
  EXPECT_TRUE(gets_one(second));
  char byte = 0;
  EXPECT_LT(::recv(first.get(), &byte, 1, 0), 0);
}

TEST_F(RunReloadTest, ANewLeaderScheduleCounts) {
  const std::string file = RunProcess::folder() / "leaders";
  const auto write_leader = [&](unsigned number) {
    std::ofstream(file) << "0-1000000 " << to_base58(public_key_of(testing::test_leader(number))) << "\n";
  };
  const auto send_set = [&](std::uint32_t index) {
    const testing::SignedSet set = testing::make_signed_set({.slot = 10, .fec_set_index = index});
    for (const auto& shred : set.shreds)
      send_frame(datagram_of(shred, {}));
  };
  write_leader(1);
  const std::string text =
      config("kernel_filter", "[8003]", "[shreds]\nstage = \"full\"\nleader_file = \"" + file + "\"\n");
  RunProcess engine(text);
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  send_set(0);  // by leader 0
  EXPECT_TRUE(reaches(engine, "penstock_shred_consumed_total", 64)) << engine.output();
  EXPECT_EQ(engine.counter("penstock_shred_accepted_total"), 0);
  write_leader(0);
  ASSERT_TRUE(reload(engine, text, "shreds.leader_file has other leaders: taken from now on"))
      << engine.output();
  send_set(32);
  EXPECT_TRUE(reaches(engine, "penstock_fec_sets_finished_total", 1)) << engine.output();

  const auto said_leaders = [](const std::string& leaders) {
    return "penstock_config_info{interface=\"pen1\",companion=\"own\",shred_stage=\"full\",shred_version="
           "\"0\",leaders=\"" +
           leaders + "\"}";
  };
  EXPECT_TRUE(reaches(engine, said_leaders("file").c_str(), 1)) << engine.output();
  const std::string key = to_base58(public_key_of(testing::test_leader(0)));
  ASSERT_TRUE(reload(
      engine, config("kernel_filter", "[8003]", "[shreds]\nstage = \"full\"\nleader = \"" + key + "\"\n"),
      "shreds.leader = '" + key + "' from now on"))
      << engine.output();
  EXPECT_TRUE(reaches(engine, said_leaders("key").c_str(), 1)) << engine.output();
}

}  // namespace
}  // namespace penstock
