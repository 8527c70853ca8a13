// The real binary and readers in processes of their own, as a validator would be one. Needs root.
#include <signal.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/commands/testing/run_process.h"
#include "engine/outlet/penstock_shreds.h"
#include "engine/receive/testing/receiver_on_veth.h"
#include "engine/shred/base58.h"
#include "engine/shred/signature.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

using Shred = std::vector<std::byte>;

std::string socket_path() {
  return RunProcess::folder() / "shreds";
}

// The example that is shipped, as a child.
class ExampleReader : public ChildProcess {
 public:
  explicit ExampleReader(const std::string& name)
      : ChildProcess(RunProcess::folder() / (name + ".out"), {program(), socket_path()}) {}

 private:
  static std::string program() {
    return std::filesystem::path(RunProcess::binary()).parent_path() / "outlet/penstock_example_reader";
  }
};

class RunOutletTest : public ReceiverOnVeth {
 protected:
  static std::string config(const std::string& shreds = "") {
    return "interface = \"pen1\"\nports = [8003]\n[outlet]\nsocket = \"" + socket_path() +
           "\"\ndepth = 256\n" + shreds;
  }
  static std::multiset<Shred> all_of(const testing::SignedSet& set) {
    return {set.shreds.begin(), set.shreds.end()};
  }
  static void until(const RunProcess& engine, const char* counter, std::int64_t value) {
    do
      engine.refresh_counters();
    while (engine.counter(counter) < value);
  }
};

TEST_F(RunOutletTest, ReadersComeAreKilledAndOutliveTheEngine) {
  RunProcess engine(config());
  ASSERT_TRUE(engine.says("receiving on pen1")) << engine.output();
  ExampleReader killed("killed"), other("other");
  ASSERT_TRUE(killed.says("reading")) << killed.output();
  ASSERT_TRUE(other.says("reading")) << other.output();
  for (int i = 0; i < 400; ++i) {
    send();
    if (i == 200) killed.signal(SIGKILL);
    if (i % 50 == 49) until(engine, "penstock_outlet_published_total", i + 1);
  }
  EXPECT_EQ(engine.counter("penstock_outlet_readers_total"), 2);
  EXPECT_EQ(engine.counter("penstock_overrun_total{consumer=\"outlet\"}"), 0);
  EXPECT_GE(engine.counter("penstock_hop_outlet_total{le=\"+Inf\"}"), 1);
  until(engine, "penstock_sink_consumed_total", 400);  // the sink beside it gets the same

  engine.signal(SIGKILL);
  EXPECT_EQ(engine.wait(), -1);
  EXPECT_TRUE(other.says("ended after 400 payloads, 40000 bytes, 0 lost")) << other.output();
  EXPECT_TRUE(std::filesystem::exists(socket_path())) << "nobody could take it away";
  EXPECT_TRUE(eventually("! ip link show pen1 | grep -q xdp"));

  RunProcess again(config());
  ASSERT_TRUE(again.says("receiving on pen1")) << again.output();
  ExampleReader anew("anew");
  ASSERT_TRUE(anew.says("reading")) << anew.output();
  send();
  until(again, "penstock_outlet_published_total", 1);
  again.signal(SIGTERM);
  EXPECT_EQ(again.wait(), 0) << again.output();
  EXPECT_TRUE(anew.says("ended after 1 payloads")) << anew.output();
  EXPECT_FALSE(std::filesystem::exists(socket_path()));
}

// Of a set 40 members come, with a forged shred and one that is none: all 64 are handed on, once, and nothing
// else.
TEST_F(RunOutletTest, BehindTheShredStageEachHonestShredComesOnce) {
  const std::filesystem::path leaders = RunProcess::folder() / "leaders";
  std::ofstream(leaders) << "1000-1003 " << to_base58(public_key_of(testing::test_leader(0))) << "\n";
  RunProcess engine(
      config("[shreds]\nstage = \"full\"\nversion = 1\nleader_file = \"" + leaders.string() + "\"\n"));
  ASSERT_TRUE(engine.says("receiving on pen1")) << engine.output();
  penstock_shreds in{};
  ASSERT_EQ(penstock_shreds_open(&in, socket_path().c_str()), 0);
  const testing::SignedSet honest = testing::make_signed_set({});
  const testing::SignedSet forged = testing::make_signed_set({.fec_set_index = 32, .leader = 1});
  send_frame(datagram_of(forged.shreds[0], {}));
  for (std::size_t i = 0; i < 40; ++i)
    send_frame(datagram_of(honest.shreds[i], {}));
  send();
  until(engine, "penstock_shred_consumed_total", 42);

  std::multiset<Shred> got;
  std::size_t rebuilt = 0;
  penstock_shred about{};
  std::array<unsigned char, PENSTOCK_SHREDS_CHUNK> payload{};
  while (penstock_shreds_next(&in, &about, payload.data()) == 1) {
    const auto bytes = std::as_bytes(std::span(payload).first(about.length));
    got.emplace(bytes.begin(), bytes.end());
    if (about.flags == PENSTOCK_SHRED_REBUILT) ++rebuilt;
  }
  EXPECT_EQ(got, all_of(honest));
  EXPECT_EQ(rebuilt, 32u);
  EXPECT_EQ(in.lost, 0u);
  penstock_shreds_close(&in);
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
}

// Of the set 40 members come with a forged shred: a plain socket gets all 64, once, and nothing else.
TEST_F(RunOutletTest, APlainSocketIsForwardedEachHonestShredOnce) {
  const UniqueFd validator(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  ASSERT_EQ(::bind(validator.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::getsockname(validator.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  RunProcess engine("interface = \"pen1\"\nports = [8003]\n[outlet]\nforward = \"127.0.0.1:" +
                    std::to_string(ntohs(address.sin_port)) +
                    "\"\n[shreds]\nstage = \"full\"\nversion = 1\nleader = \"" +
                    to_base58(public_key_of(testing::test_leader(0))) + "\"\n");
  ASSERT_TRUE(engine.says("receiving on pen1")) << engine.output();
  const testing::SignedSet honest = testing::make_signed_set({});
  send_frame(datagram_of(testing::make_signed_set({.fec_set_index = 32, .leader = 1}).shreds[0], {}));
  for (std::size_t i = 0; i < 40; ++i)
    send_frame(datagram_of(honest.shreds[i], {}));
  until(engine, "penstock_forward_sent_total", 64);

  std::multiset<Shred> got;
  Shred payload(2048);
  for (ssize_t bytes = 0; (bytes = recv(validator.get(), payload.data(), payload.size(), 0)) >= 0;)
    got.emplace(payload.begin(), payload.begin() + bytes);
  EXPECT_EQ(got, all_of(honest));
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
}

// Nobody listens at first: that is counted, and not the end.
TEST_F(RunOutletTest, AForwardThatNobodyHearsIsCounted) {
  RunProcess engine("interface = \"pen1\"\nports = [8003]\n[outlet]\nforward = \"127.0.0.1:9\"\n");
  ASSERT_TRUE(engine.says("receiving on pen1")) << engine.output();
  do {
    send();
    engine.refresh_counters();
  } while (engine.counter("penstock_forward_refused_total") < 2);
  engine.signal(SIGTERM);
  EXPECT_EQ(engine.wait(), 0) << engine.output();
}

TEST_F(RunOutletTest, ASecondEngineAtTheSameSocketIsRefused) {
  RunProcess engine(config());
  ASSERT_TRUE(engine.says("receiving on pen1")) << engine.output();
  RunProcess second("interface = \"pen0\"\nports = [8004]\n[outlet]\nsocket = \"" + socket_path() + "\"\n",
                    "second");
  EXPECT_EQ(second.wait(), 1);
  EXPECT_NE(second.output().find("another engine listens there"), std::string::npos) << second.output();
}

}  // namespace
}  // namespace penstock
