// That the kernel-as-oracle test finds what is wrong: differences planted in a receiver or in the host behind
// it, and starved buffers, which must not look like one. Runs under //ci/bazel:in_netns.sh.
#include <errno.h>
#include <sys/socket.h>

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "engine/capture/capture.h"
#include "engine/classify/differential/frame_report.h"
#include "engine/packet/frame_builder.h"
#include "sim/oracle_fuzz/oracle_fuzz.h"
#include "sim/oracle_fuzz/stage.h"

namespace penstock {
namespace {

// A difference that `config` is told to plant, found and cut down.
Mismatch find(FuzzConfig config) {
  config.cases = 1'000;
  config.batch = 60;
  config.fragment_seconds = 1;
  const Result<FuzzReport> report = run_oracle_fuzz(config);
  EXPECT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report && report->mismatch.has_value()) << "the planted difference was not found";
  return report && report->mismatch ? *report->mismatch : Mismatch{};
}

penstock_reason reason_of(const FrameBytes& frame) {
  return Classifier::create(FuzzHost{}.classifier())->classify(frame).reason;
}

FuzzConfig without_mac_check(Path path) {
  return {.paths = {path}, .plant_receiver = [](AfXdpConfig& receiver) { receiver.classifier.mac.reset(); }};
}

class Planted : public ::testing::TestWithParam<Path> {};

TEST_P(Planted, AClassifierThatTakesFramesForOtherStationsIsFoundByOneFrame) {
  const Mismatch mismatch = find(without_mac_check(GetParam()));
  EXPECT_EQ(mismatch.path, GetParam());
  EXPECT_TRUE(mismatch.repeated);
  ASSERT_EQ(mismatch.frames.size(), 1u);
  EXPECT_EQ(reason_of(mismatch.frames[0]), PENSTOCK_DESTINATION_MAC);
  EXPECT_TRUE(mismatch.difference.missing.empty());
  EXPECT_EQ(mismatch.difference.extra.size(), 1u);
}

TEST_P(Planted, AHostThatLosesFragmentsIsFoundByTheFragmentsOfOneDatagram) {
  const Mismatch mismatch = find({.paths = {GetParam()}, .plant_host = [](const VethTopology& topology) {
                                    const NetNamespace& ns = topology.receiver().ns;
                                    if (Status s = ns.set_sysctl("ipv4/ipfrag_low_thresh", "0"); !s) return s;
                                    return ns.set_sysctl("ipv4/ipfrag_high_thresh", "1");
                                  }});
  EXPECT_TRUE(mismatch.repeated);
  EXPECT_GE(mismatch.frames.size(), 2u);
  for (const FrameBytes& frame : mismatch.frames)
    EXPECT_EQ(reason_of(frame), PENSTOCK_FRAGMENT);
  EXPECT_EQ(mismatch.difference.missing.size(), 1u);
  EXPECT_TRUE(mismatch.difference.extra.empty());
}

INSTANTIATE_TEST_SUITE_P(Paths, Planted, ::testing::Values(Path::kKernelFilter, Path::kUserspaceFilter),
                         [](const auto& info) { return std::string(to_string(info.param)); });

TEST(Report, HoldsAllThatRepeatsIt) {
  FuzzConfig config = without_mac_check(Path::kKernelFilter);
  const Mismatch mismatch = find(config);
  ASSERT_EQ(mismatch.frames.size(), 1u);
  const Result<std::string> text = describe(mismatch, config, ::testing::TempDir());
  ASSERT_TRUE(text) << text.error().message();
  EXPECT_NE(text->find(hex(mismatch.frames[0])), std::string::npos);
  EXPECT_NE(text->find(scapy_line(mismatch.frames[0])), std::string::npos);
  EXPECT_NE(text->find("destination_mac"), std::string::npos);
  EXPECT_NE(text->find("--pcap"), std::string::npos);

  const auto read = read_ethernet_frames(::testing::TempDir() + "/oracle_mismatch.pcap");
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_EQ(read->size(), 1u);
  config.frames = {(*read)[0].bytes};
  const Result<FuzzReport> again = run_oracle_fuzz(config);
  ASSERT_TRUE(again) << again.error().message();
  ASSERT_TRUE(again->mismatch);
  EXPECT_EQ(again->mismatch->difference.extra, mismatch.difference.extra);
}

TEST(Starved, AFullRingMakesABatchInvalidAndIsNoDifference) {
  const Result<FuzzReport> report = run_oracle_fuzz(
      {.cases = 100,
       .paths = {Path::kKernelFilter},
       .fragment_seconds = 1,
       .plant_receiver = [](AfXdpConfig& receiver) { receiver.rx_entries = receiver.fill_frames = 4; }});
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message().find("stayed invalid"), std::string::npos) << report.error().message();
  EXPECT_NE(report.error().message().find("rx_"), std::string::npos) << report.error().message();
}

TEST(Starved, AFullSocketBufferMakesABatchInvalid) {
  const FuzzHost host;
  const auto stage = FuzzStage::with_sockets(host);
  ASSERT_TRUE(stage) << stage.error().message();
  // A third socket beside the stage's own, with room for a few datagrams.
  const auto fd = (*stage)->topology().receiver().ns.socket(AF_INET, SOCK_DGRAM, 0);
  ASSERT_TRUE(fd);
  const int room = 1;
  ASSERT_EQ(setsockopt(fd->get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)), 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(9'999);
  ASSERT_EQ(::bind(fd->get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);

  Ipv4Header ip;
  ip.source = {{198, 18, 0, 1}};
  ip.destination = host.addresses().front();
  const std::vector<std::byte> payload(1'203);
  const std::vector<FrameBytes> frames(50, FrameBuilder()
                                               .add(EthernetHeader{.destination = host.mac()})
                                               .add(ip)
                                               .add(UdpHeader{.source_port = 1, .destination_port = 9'999})
                                               .payload(payload)
                                               .build());
  const auto outcome = (*stage)->run(frames);
  ASSERT_TRUE(outcome) << outcome.error().message();
  ASSERT_EQ(outcome->invalid.size(), 1u);
  EXPECT_NE(outcome->invalid[0].find("Udp:RcvbufErrors"), std::string::npos) << outcome->invalid[0];
}

TEST(Coverage, NamesTheReasonsThatNoFrameHad) {
  FuzzReport report;
  report.by_reason.fill(1);
  const FuzzProfile profile = *find_fuzz_profile("default");
  EXPECT_TRUE(report.reasons_not_seen(profile).empty());
  report.by_reason[PENSTOCK_GRE] = 0;
  report.by_reason[PENSTOCK_UDP_CHECKSUM] = 0;
  EXPECT_EQ(report.reasons_not_seen(profile), std::vector<std::string>{"gre"});
  EXPECT_EQ(report.reasons_not_seen(*find_fuzz_profile("verify")),
            (std::vector<std::string>{"gre", "udp_checksum"}));
  EXPECT_FALSE(find_fuzz_profile("verif"));
}

}  // namespace
}  // namespace penstock
