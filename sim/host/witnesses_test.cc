// The witnesses over a plain veth pair, without an engine: what they report of a sound link, and that they
// see it when it is not. Needs root.
#include <errno.h>

#include <optional>

#include <gtest/gtest.h>

#include "sim/host/http.h"
#include "sim/host/neighbours.h"
#include "sim/host/ping.h"
#include "sim/host/socket_witness.h"
#include "sim/topology/host_counters.h"
#include "sim/topology/iproute.h"
#include "sim/topology/testing/value_of.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

class WitnessTest : public ::testing::Test {
 protected:
  const VethTopology topology_ = testing::value_of(VethTopology::create({}));
  const VethTopology::End& sender_ = topology_.sender();
  const VethTopology::End& receiver_ = topology_.receiver();
};

TEST_F(WitnessTest, PingCountsWhatIsAnswered) {
  const auto result =
      ping(sender_.ns, receiver_.address.to_string(), {.count = 20, .interval = 2 * kMillisecond});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->sent, 20u);
  EXPECT_EQ(result->received, 20u);
  EXPECT_EQ(result->duplicates, 0u);
  EXPECT_GT(result->worst, 0);
}

TEST_F(WitnessTest, PingCountsWhatIsLost) {
  ASSERT_TRUE(receiver_.ns.set_sysctl("ipv4/icmp_echo_ignore_all", "1"));
  const auto result =
      ping(sender_.ns, receiver_.address.to_string(), {.count = 3, .interval = 2 * kMillisecond});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->lost(), 3u);
}

TEST_F(WitnessTest, PingTellsOfAnAddressWithoutARoute) {
  const auto result = ping(sender_.ns, "203.0.113.1", {.count = 1});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().what.find("unreachable"), std::string::npos) << result.error().message();
}

TEST_F(WitnessTest, ADownloadIsTheServersBytesAndTheStacksCountItsSegments) {
  constexpr std::uint64_t kBytes = 5'000'000;
  const auto server = FileServer::start(sender_.ns, sender_.address.to_string(), kBytes, 7);
  ASSERT_TRUE(server) << server.error().message();
  const HostCounters before = *read_host_counters(sender_.ns);
  auto download = Download::start(receiver_.ns, server->url());
  ASSERT_TRUE(download) << download.error().message();
  const auto result = download->finish(60 * kSecond);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->bytes, kBytes);
  EXPECT_EQ(result->sha256, server->sha256());
  EXPECT_GT(result->elapsed, 0);
  // Segmentation offload is off: one segment a frame.
  const HostCounters sent = read_host_counters(sender_.ns)->since(before);
  EXPECT_GE(sent.tcp_sent, kBytes / 1448);
  EXPECT_EQ(sent.icmp_unreachable, 0u);
}

TEST_F(WitnessTest, OtherBytesHaveAnotherDigest) {
  const auto one = FileServer::start(sender_.ns, sender_.address.to_string(), 1000, 1);
  const auto other = FileServer::start(receiver_.ns, receiver_.address.to_string(), 1000, 2);
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->sha256(), other->sha256());
  const auto got = Download::start(sender_.ns, other->url())->finish(60 * kSecond);
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(got->sha256, other->sha256());
}

TEST_F(WitnessTest, ADownloadThatBreaksOffIsAnError) {
  auto started = FileServer::start(sender_.ns, sender_.address.to_string(), 5'000'000, 7);
  ASSERT_TRUE(started) << started.error().message();
  std::optional<FileServer> server(std::move(*started));
  auto slow = Download::start(receiver_.ns, server->url(), 1'000'000);
  ASSERT_TRUE(slow) << slow.error().message();
  EXPECT_EQ(slow->finish(kMillisecond).error().code, ETIMEDOUT);
  server.reset();  // killed
  const auto result = slow->finish(60 * kSecond);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().what.find("curl: exit status"), std::string::npos) << result.error().message();
}

TEST_F(WitnessTest, AFileThatIsNotThereIsAnError) {
  const auto server = FileServer::start(sender_.ns, sender_.address.to_string(), 1000, 7);
  ASSERT_TRUE(server) << server.error().message();
  const auto result = Download::start(receiver_.ns, server->url() + "00")->finish(60 * kSecond);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().what.find("404"), std::string::npos) << result.error().message();
}

TEST_F(WitnessTest, NeighboursAreFoundInBothFamiliesAndDirections) {
  ASSERT_TRUE(speak_ipv6(topology_));
  ASSERT_TRUE(forget_neighbours(topology_));
  const Status found = check_neighbours(topology_);
  EXPECT_TRUE(found) << found.error().message();
}

TEST_F(WitnessTest, ANeighbourThatDoesNotAnswerIsMissed) {
  ASSERT_TRUE(speak_ipv6(topology_));
  ASSERT_TRUE(forget_neighbours(topology_));
  ASSERT_TRUE(ip_batch(sender_.ns, {"link set dev pen-sender arp off"}));
  const Status found = check_neighbours(topology_);
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().what.find("pen-receiver finds 192.0.2.1"), std::string::npos)
      << found.error().message();
}

TEST_F(WitnessTest, SocketsSeeTheInterface) {
  const Status seen = check_sockets(topology_);
  EXPECT_TRUE(seen) << seen.error().message();
}

}  // namespace
}  // namespace penstock
