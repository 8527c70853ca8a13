// The shred stage of the real binary, on a veth. argv[1] is the binary. Needs root.
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "engine/commands/testing/run_process.h"
#include "engine/receive/testing/receiver_on_veth.h"
#include "engine/shred/base58.h"
#include "engine/shred/content_digest.h"
#include "engine/shred/signature.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

class RunShredsTest : public ReceiverOnVeth, public ::testing::WithParamInterface<const char*> {
 protected:
  static std::string config(const std::string& shreds) {
    return std::string("interface = \"pen1\"\npath = \"") + GetParam() + "\"\nports = [8003]\n[shreds]\n" +
           shreds;
  }
  void send_payload(std::span<const std::byte> payload) const { send_frame(datagram_of(payload, {})); }
};

// Of one set 40 members come, one of them twice, and a forged one, which another leader signed.
TEST_P(RunShredsTest, TheShredStageKeepsWhatTheLeaderSigned) {
  const std::filesystem::path leaders = RunProcess::folder() / "leaders";
  std::ofstream(leaders) << "1000-1003 " << to_base58(public_key_of(testing::test_leader(0))) << "\n";
  RunProcess engine(
      config("stage = \"full\"\nversion = 1\ndigest = true\nleader_file = \"" + leaders.string() + "\"\n"));
  ASSERT_TRUE(engine.says("receiving on pen1")) << engine.output();
  run("grep -qx pen-shred /proc/" + std::to_string(engine.pid()) + "/task/*/comm");

  const testing::SignedSet honest = testing::make_signed_set({});
  const testing::SignedSet forged = testing::make_signed_set({.fec_set_index = 32, .leader = 1});
  for (std::size_t i = 0; i < 40; ++i)
    send_payload(honest.shreds[i]);
  send_payload(honest.shreds[0]);
  send_payload(forged.shreds[0]);
  send();  // 100 bytes that are no shred
  do
    engine.refresh_counters();
  while (engine.counter("penstock_shred_consumed_total") < 43);

  engine.signal(SIGTERM);
  ASSERT_EQ(engine.wait(), 0) << engine.output();
  EXPECT_EQ(engine.counter("penstock_fec_sets_finished_total"), 1);
  EXPECT_EQ(engine.counter("penstock_shred_accepted_total"), 32);
  EXPECT_EQ(engine.counter("penstock_shred_late_total"), 8);
  EXPECT_EQ(engine.counter("penstock_shred_duplicate_total"), 1);
  EXPECT_EQ(engine.counter("penstock_shred_discarded_total{reason=\"signature\"}"), 1);
  EXPECT_EQ(engine.counter("penstock_shred_discarded_total{reason=\"variant\"}"), 1);
  EXPECT_EQ(engine.counter("penstock_sink_consumed_total"), 43) << "the sink beside it got the same";
  EXPECT_GE(engine.counter("penstock_hop_shred_total{le=\"+Inf\"}"), 1) << "the first batch is marked";
  EXPECT_EQ(engine.counter("penstock_hop_sink_total{le=\"+Inf\"}"), 0) << "it is on the net thread";
  EXPECT_NE(engine.output().find("of 43 shreds 32 were accepted and 2 discarded; 1 FEC sets finished"),
            std::string::npos)
      << engine.output();
  ContentDigest content;
  for (const auto& shred : honest.shreds)
    content.add(shred);
  EXPECT_NE(engine.output().find("content digest " + content.to_string() +
                                 " of 1 FEC sets, 0 of them complete; 24 of their shreds never came"),
            std::string::npos)
      << engine.output();
}

TEST_P(RunShredsTest, AShredStageWithoutItsLeaderFileIsRefused) {
  RunProcess engine(config("stage = \"full\"\nleader_file = \"/nowhere\"\n"));
  EXPECT_EQ(engine.wait(), 1);
  EXPECT_NE(engine.output().find("leader schedule"), std::string::npos) << engine.output();
  EXPECT_NE(engine.output().find("/nowhere"), std::string::npos) << engine.output();
}

INSTANTIATE_TEST_SUITE_P(Filters, RunShredsTest, ::testing::Values("kernel_filter", "userspace_filter"));

}  // namespace
}  // namespace penstock
