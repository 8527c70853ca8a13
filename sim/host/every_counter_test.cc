// Every counter of the table is raised here by what raises it on a host: a frame, a fault, or the
// configuration of a real engine, and by nothing else. A counter that nothing raises fails the last test; one
// that no host can raise is named below with where it is tested.
//
// Each test is an engine of its own on a veth. argv[1] is the binary. Needs root.
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/commands/testing/run_process.h"
#include "engine/metrics/counters.h"
#include "engine/outlet/penstock_shreds.h"
#include "engine/receive/testing/receiver_on_veth.h"
#include "engine/shred/base58.h"
#include "engine/shred/signature.h"
#include "engine/shred/testing/signed_set.h"
#include "engine/testing/on_one_cpu.h"
#include "engine/testing/thread_stall.h"

namespace penstock {
namespace {

using testing::make_signed_set;
using testing::SignedSet;

// Counters that no frame and no fault of a host raises.
const std::map<std::string, std::string>& raised_elsewhere() {
  static const std::map<std::string, std::string> kElsewhere = {
      {"rx_invalid_descs",
       "a fault of the kernel itself; //engine/receive:xsk_receive_test has the fake kernel count it"},
  };
  return kElsewhere;
}

// By name without prefix and suffix, over all label values and engines of this process.
std::map<std::string, std::int64_t>& raised() {
  static std::map<std::string, std::int64_t> totals;
  return totals;
}

class EveryCounterTest : public ReceiverOnVeth {
 protected:
  static std::string config(const std::string& more) {
    return "interface = \"pen1\"\nports = [8003]\n" + more;
  }
  static std::map<std::string, std::int64_t> read_counters() {
    std::map<std::string, std::int64_t> sums;
    std::ifstream file(RunProcess::folder() / "run.prom");
    for (std::string line; std::getline(file, line);) {
      const std::string name = line.substr(0, line.find_first_of(" {"));
      if (!name.starts_with("penstock_") || !name.ends_with("_total")) continue;
      sums[name.substr(9, name.size() - 15)] += std::atoll(line.c_str() + line.rfind(' '));
    }
    return sums;
  }
  static std::int64_t sum_now(const RunProcess& engine, const std::string& counter) {
    engine.refresh_counters();
    return read_counters()[counter];
  }
  // Does `what` again and again until the counter has moved.
  static void raise(const RunProcess& engine, const std::string& counter, const std::function<void()>& what) {
    for (int i = 0; i < 500; ++i) {
      what();
      if (sum_now(engine, counter) > 0) return;
    }
    ADD_FAILURE() << counter << " does not move\n" << engine.output();
  }
  // Ends the engine and keeps what it counted.
  static void end(RunProcess& engine) {
    engine.signal(SIGTERM);
    EXPECT_EQ(engine.wait(), 0) << engine.output();
    for (const auto& [name, value] : read_counters())
      raised()[name] += value;
  }
  // Sends while the engine stands still: its rings and buffers fill up.
  void send_to_a_stopped_one(const RunProcess& engine, int datagrams) {
    engine.signal(SIGSTOP);
    for (int i = 0; i < datagrams; ++i)
      send();
    engine.signal(SIGCONT);
  }
  void send_long(bool options) const {
    const std::vector<std::byte> payload(500);
    send_frame(datagram_of(payload, {.options = options}));
  }
  // A bad UDP checksum behind IP options, so that the kernel's own stack judges it.
  void send_bad(bool options) const {
    std::vector<std::byte> frame = datagram(1, {.options = options});
    frame[options ? 14 + 24 + 6 : 14 + 20 + 6] ^= std::byte{0x55};
    send_frame(frame);
  }
};

TEST_F(EveryCounterTest, TheKernelFilterItsSinkAndTheSlowWay) {
  RunProcess engine(
      config("link_depth = 64\n[sink]\nthread = true\n[receiver]\nrx_entries = 64\nmax_payload = 300\n"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  raise(engine, "published", [&] { send(); });
  raise(engine, "xdp_pass", [&] { send({.port = kOtherPort}); });
  raise(engine, "slow_way_published", [&] { send({.options = true}); });
  raise(engine, "discarded", [&] { send_long(false); });
  raise(engine, "slow_way_discarded", [&] { send_long(true); });
  raise(engine, "slow_way_dropped", [&] { send_bad(true); });
  raise(engine, "rx_ring_full", [&] { send_to_a_stopped_one(engine, 200); });
  raise(engine, "overrun", [&] {
    for (int i = 0; i < 1000; ++i)
      send();
  });
  end(engine);
}

TEST_F(EveryCounterTest, AnEmptyFillRing) {
  RunProcess engine(config("[receiver]\nrx_entries = 64\nfill_frames = 8\n"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  raise(engine, "rx_fill_ring_empty_descs", [&] { send_to_a_stopped_one(engine, 30); });
  end(engine);
}

TEST_F(EveryCounterTest, TheUserspaceFilterAndItsWayBack) {
  RunProcess engine(config("path = \"userspace_filter\"\n"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  raise(engine, "return_written", [&] { send({.port = kOtherPort}); });
  raise(engine, "tap_error", [&] {
    run("for tap in $(ip -o link | grep -o 'penstock[^:@]*'); do ip link set $tap down; done");
    send({.port = kOtherPort});
  });
  end(engine);
}

TEST_F(EveryCounterTest, PlainSockets) {
  RunProcess engine(config("path = \"udp\"\n"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  raise(engine, "socket_rx", [&] { send(); });
  raise(engine, "socket_drop", [&] { send_bad(false); });
  end(engine);
}

TEST_F(EveryCounterTest, ATileThatHangs) {
  RunProcess engine(config("[threads]\non_stall = \"report\"\n"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  {
    const auto stall = ThreadStall::begin(engine.pid(), "pen-net");
    ASSERT_TRUE(stall) << stall.error().message();
    ASSERT_TRUE(engine.says("stands still"));
  }
  ASSERT_TRUE(engine.says("goes on"));
  end(engine);
}

// On veth NAPI runs on the CPU that sends.
TEST_F(EveryCounterTest, NapiOnTheTilesCore) {
  const std::string cpu = std::to_string(OnOneCpu::lowest());
  RunProcess engine(config("[threads]\nwait = \"spin\"\nnet_cpus = [" + cpu + "]\n"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  {
    const OnOneCpu pinned;
    raise(engine, "napi_on_tile_core", [&] {
      for (int i = 0; i < 2000; ++i) {
        send();
        if (i % 100 == 0) usleep(5'000);
      }
    });
  }
  end(engine);
}

TEST_F(EveryCounterTest, TheOutletAndItsReaders) {
  const std::string socket = RunProcess::folder() / "shreds";
  RunProcess engine(config("[outlet]\ndepth = 64\nsocket = \"" + socket + "\"\n"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  std::vector<penstock_shreds> readers(17);
  int refused = 0;
  for (penstock_shreds& reader : readers)
    refused += penstock_shreds_open(&reader, socket.c_str()) == -ECONNREFUSED ? 1 : 0;
  EXPECT_EQ(refused, 1);
  raise(engine, "outlet_lost", [&] {
    for (int i = 0; i < 200; ++i)
      send();
    penstock_shred about{};
    std::array<unsigned char, PENSTOCK_SHREDS_CHUNK> payload{};
    while (penstock_shreds_next(readers.data(), &about, payload.data()) == 1) {
    }
  });
  for (penstock_shreds& reader : readers)
    penstock_shreds_close(&reader);
  end(engine);
}

TEST_F(EveryCounterTest, WhatIsForwarded) {
  RunProcess engine(config("[outlet]\nforward = \"127.0.0.1:9\"\n"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  raise(engine, "forward_sent", [&] { send(); });
  raise(engine, "forward_refused", [&] { send(); });
  run("nft 'add table ip pen; add chain ip pen out { type filter hook output priority 0; policy drop; }'");
  raise(engine, "forward_dropped", [&] { send(); });
  run("nft delete table ip pen");
  end(engine);
}

TEST_F(EveryCounterTest, ACaptureOnADiskThatFillsUp) {
  const std::string folder = RunProcess::folder() / "capture";
  run("mkdir " + folder + " && mount -t tmpfs -o size=64k tmpfs " + folder);
  RunProcess engine(config("[capture]\nfolder = \"" + folder + "\"\n"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  raise(engine, "capture_written", [&] { send(); });
  raise(engine, "capture_dropped", [&] {
    for (int i = 0; i < 50; ++i)
      send();
  });
  end(engine);
  run("umount " + folder);
}

class ShredCounters : public EveryCounterTest {
 protected:
  void send_members(const SignedSet& set, std::size_t from, std::size_t count) const {
    for (std::size_t i = from; i < from + count; ++i)
      send_frame(datagram_of(set.shreds[i], {}));
  }
};

TEST_F(ShredCounters, SetsThatFinishFailAreDroppedForgedAndTwice) {
  RunProcess engine(config("[shreds]\nstage = \"full\"\nversion = 1\nleader = \"" +
                           to_base58(public_key_of(testing::test_leader(0))) + "\"\n"));
  ASSERT_TRUE(engine.says("receiving on")) << engine.output();
  const SignedSet honest = make_signed_set({});
  raise(engine, "shred_late", [&] { send_members(honest, 0, 40); });
  raise(engine, "shred_duplicate", [&] { send_members(honest, 0, 1); });
  raise(engine, "shred_trailing_bytes", [&] {
    std::vector<std::byte> longer = make_signed_set({.fec_set_index = 32}).shreds[0];
    longer.push_back(std::byte{0});
    send_frame(datagram_of(longer, {}));
  });
  raise(engine, "shred_conflicts", [&] {
    send_members(make_signed_set({.fec_set_index = 64}), 0, 1);
    send_members(make_signed_set({.fec_set_index = 64, .seed = 9}), 1, 1);
  });
  const SignedSet forged = make_signed_set({.fec_set_index = 96, .leader = 1});
  raise(engine, "shred_negative_hits", [&] { send_members(forged, 0, 2); });
  raise(engine, "fec_sets_rule_eight_broken", [&] {
    send_members(make_signed_set({.fec_set_index = 128,
                                  .before_coding =
                                      [](std::size_t member, std::vector<std::byte>& shred) {
                                        constexpr std::size_t kSize = 0x56;
                                        if (member == 31)
                                          shred[kSize] = std::byte{88}, shred[kSize + 1] = std::byte{0};
                                      }}),
                 32, 32);
  });
  raise(engine, "fec_sets_failed", [&] {
    send_members(make_signed_set({.fec_set_index = 160,
                                  .before_hashing =
                                      [](std::size_t member, std::vector<std::byte>& shred) {
                                        if (member == 60) shred[500] ^= std::byte{1};
                                      }}),
                 0, 34);
  });
  // A flood of forgeries, one a set, until there is no credit left; then of an honest set what proves it.
  std::uint64_t slot = 2000;
  raise(engine, "shred_held", [&] {
    for (int i = 0; i < 300; ++i)
      send_members(make_signed_set({.slot = slot++, .leader = 1}), 0, 1);
    send_members(make_signed_set({.slot = slot++}), 0, 3);
  });
  raise(engine, "shred_released", [&] { send_members(make_signed_set({.slot = slot++}), 0, 4); });
  // More sets than can be open.
  raise(engine, "fec_sets_dropped", [&] {
    for (int i = 0; i < 50; ++i)
      send_members(make_signed_set({.slot = slot++}), 0, 4);
  });
  end(engine);
}

// The last suite of the file, and so the last to run.
TEST(Registry, NoCounterIsNeverRaised) {
  std::set<std::string> missing;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Counter::kCount); ++i) {
    const std::string name(counter_info(static_cast<Counter>(i)).name);
    if (raised()[name] == 0 && !raised_elsewhere().contains(name)) missing.insert(name);
    EXPECT_FALSE(raised()[name] != 0 && raised_elsewhere().contains(name))
        << name << " is raised here after all";
  }
  EXPECT_EQ(missing, std::set<std::string>()) << "raise it above, by a frame, a fault or a configuration";
}

}  // namespace
}  // namespace penstock
