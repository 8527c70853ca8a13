// Each kind of difference is found and put down to its frame.
#include "sim/scenario/differences.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "engine/capture/capture.h"
#include "engine/packet/digest.h"
#include "sim/workload/frames.h"

namespace penstock {
namespace {

const LinkAddresses kLink{{{2, 0, 0, 0, 0, 1}}, {{2, 0, 0, 0, 0, 2}}, {{10, 0, 0, 2}}};
constexpr std::size_t kMaxPayload = 1'472;
constexpr std::size_t kOurs = 0, kOurs2 = 1, kNoise = 2;

class DifferencesTest : public ::testing::Test {
 protected:
  DifferencesTest()
      : workload_({.profile = "test", .link = kLink, .tvu_port = 8003}),
        oracle_({.mac = kLink.receiver_mac, .addresses = {kLink.receiver}, .ports = {8003}}) {
    const Endpoint source{{{198, 18, 0, 1}}, 8006};
    std::vector<std::byte> payload(100);
    for (const std::uint16_t port : {std::uint16_t{8003}, std::uint16_t{8003}, std::uint16_t{9}}) {
      payload[0] ^= std::byte{1};
      payload[1] ^= static_cast<std::byte>(port);
      add_datagram(0, FrameKind::kJunk, source, port, 1, payload, &workload_);
    }
  }

  std::uint64_t datagram(std::size_t frame) {
    const Judgement judged = oracle_.judge(bytes(frame));
    return names_.add_datagram(judged.source, judged.destination, judged.payload);
  }
  // Of a frame that is not ours, as if it had been delivered all the same.
  std::uint64_t forced(std::size_t frame) {
    const std::span<const std::byte> all = bytes(frame);
    return names_.add_datagram({{{198, 18, 0, 1}}, 8006}, {kLink.receiver, 9}, all.subspan(42));
  }
  std::span<const std::byte> bytes(std::size_t frame) const { return workload_.frames()[frame].bytes; }
  FoundElements faithful() {
    return {.delivered = {datagram(kOurs), datagram(kOurs2)},
            .host = {names_.add_frame(bytes(kNoise))},
            .has_slow_way = true,
            .host_is_whole = true};
  }
  Differences find(const FoundElements& found) {
    return find_differences(workload_, oracle_, kMaxPayload, found);
  }
  // Exactly one difference, of this frame and kind.
  void expect_one(const FoundElements& found, std::size_t frame, DifferenceKind kind) {
    const Differences differences = find(found);
    ASSERT_EQ(differences.frames.size(), 1u);
    EXPECT_EQ(differences.frames[0].frame, frame);
    EXPECT_EQ(to_string(differences.frames[0].kind), to_string(kind));
    EXPECT_EQ(differences.unexplained, 0u);
  }

  Workload workload_;
  Oracle oracle_;
  MultisetDigest names_;
};

TEST_F(DifferencesTest, AFaithfulRunHasNone) {
  EXPECT_TRUE(find(faithful()).none());
  EXPECT_EQ(first_of(find(faithful()), workload_), "");
}

TEST_F(DifferencesTest, FindsWhatWasNotDelivered) {
  FoundElements found = faithful();
  found.delivered = {datagram(kOurs)};
  expect_one(found, kOurs2, DifferenceKind::kNotDelivered);
}

TEST_F(DifferencesTest, FindsWhatWasDeliveredTwice) {
  FoundElements found = faithful();
  found.delivered.push_back(datagram(kOurs2));
  expect_one(found, kOurs2, DifferenceKind::kDeliveredAnyway);
}

TEST_F(DifferencesTest, FindsWhatIsNotOursAndWasDelivered) {
  FoundElements found = faithful();
  found.delivered.push_back(forced(kNoise));
  expect_one(found, kNoise, DifferenceKind::kDeliveredAnyway);
}

TEST_F(DifferencesTest, FindsWhatTheHostMissedOrSawTwice) {
  FoundElements found = faithful();
  found.host = {};
  expect_one(found, kNoise, DifferenceKind::kNotSeenByHost);
  found.host_is_whole = false;
  EXPECT_TRUE(find(found).none()) << "a tap that need not see everything proves nothing";
  found = faithful();
  found.host.push_back(names_.add_frame(bytes(kOurs)));
  expect_one(found, kOurs, DifferenceKind::kSeenByHostAnyway);
}

TEST_F(DifferencesTest, AFrameWithABadUdpChecksumIsTheHostsWhereItIsVerified) {
  std::vector<std::byte> bad(bytes(kOurs).begin(), bytes(kOurs).end());
  bad.back() ^= std::byte{1};  // and so its checksum is wrong
  workload_.add_copy(0, FrameKind::kHostile, bad);
  const std::size_t number = workload_.frames().size() - 1;
  FoundElements found = faithful();
  found.delivered.push_back(datagram(number));
  EXPECT_TRUE(find(found).none());
  found.takes_unchecked = false;
  found.host.push_back(names_.add_frame(bytes(number)));
  expect_one(found, number, DifferenceKind::kDeliveredAnyway);
}

TEST_F(DifferencesTest, CountsWhatNoFrameExplains) {
  FoundElements found = faithful();
  found.delivered.push_back(12345);
  const Differences differences = find(found);
  EXPECT_TRUE(differences.frames.empty());
  EXPECT_EQ(differences.unexplained, 1u);
  EXPECT_EQ(first_of(differences, workload_), "1 datagrams or frames that no frame of the workload makes");
}

TEST_F(DifferencesTest, DecodesTheFirstOneAndLeavesACapture) {
  FoundElements found = faithful();
  found.delivered = {datagram(kOurs)};
  const Differences differences = find(found);
  EXPECT_NE(
      first_of(differences, workload_)
          .find("frame 1 was not delivered: junk at 0 us, 142 bytes, IPv4 198.18.0.1 > 10.0.0.2 protocol "
                "17 length 128 id 1, UDP 8006 > 8003, 100 bytes of payload, 020000000002"),
      std::string::npos)
      << first_of(differences, workload_);

  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "differences";
  const Status written = write_evidence(differences, workload_, "kernel_filter", folder);
  ASSERT_TRUE(written) << written.error().message();
  const auto frames = read_ethernet_frames(folder / "kernel_filter.not_delivered.pcap");
  ASSERT_TRUE(frames);
  ASSERT_EQ(frames->size(), 1u);
  EXPECT_TRUE(std::equal((*frames)[0].bytes.begin(), (*frames)[0].bytes.end(), bytes(kOurs2).begin(),
                         bytes(kOurs2).end()));
  std::ifstream text(folder / "kernel_filter.differences.txt");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(text), {}), first_of(differences, workload_) + "\n");
  EXPECT_FALSE(write_evidence(differences, workload_, "p", "/proc/nowhere"));
}

}  // namespace
}  // namespace penstock
