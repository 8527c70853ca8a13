// Each declared exception that frames alone can show, and that nothing else is excused.
#include "sim/oracle_fuzz/expectation.h"

#include <cstring>

#include <gtest/gtest.h>

#include "engine/packet/frame_builder.h"

namespace penstock {
namespace {

class ExpectationTest : public ::testing::Test {
 protected:
  FrameBytes frame(std::size_t bytes, ChecksumMode checksum = ChecksumMode::kGood) const {
    Ipv4Header ip;
    ip.source = {{198, 18, 0, 1}};
    ip.destination = host_.addresses().front();
    return build(ip, bytes, checksum);
  }
  FrameBytes ipv6_frame(ChecksumMode checksum = ChecksumMode::kGood) const {
    Ipv6Header ip;
    ip.source = Ipv6Address::parse("2001:db8::99")->bytes;
    ip.destination = host_.ipv6_addresses().front().bytes;
    return build(ip, 100, checksum);
  }
  // What Linux gives a socket of a good frame.
  Datagram datagram(const FrameBytes& frame) const {
    ClassifierConfig options = host_.classifier();
    options.ipv6 = true;
    const FrameBytes frames[] = {frame};
    // A bad checksum is what makes the expectation show the datagram of a frame by itself.
    std::vector<Datagram> shown = Expectation("kernel_filter", options, 65'535).of(frames, {});
    EXPECT_EQ(shown.size(), 1u);
    return shown.front();
  }
  Expectation expectation(const ClassifierConfig& options) const { return {"kernel_filter", options, 1'472}; }

  FuzzHost host_{};

 private:
  template <typename Ip>
  FrameBytes build(const Ip& ip, std::size_t bytes, ChecksumMode checksum) const {
    const std::vector<std::byte> payload(bytes, std::byte{7});
    return FrameBuilder()
        .add(EthernetHeader{.destination = host_.mac()})
        .add(ip)
        .add(UdpHeader{.source_port = 1, .destination_port = host_.ports.front(), .checksum = checksum})
        .payload(payload)
        .build();
  }
};

TEST_F(ExpectationTest, IsWhatLinuxGaveWhereNoRowApplies) {
  const Datagram given = datagram(frame(100, ChecksumMode::kBad));
  const Expectation expected = expectation(host_.classifier());
  EXPECT_EQ(expected.of({}, {given, given}), (std::vector<Datagram>{given, given})) << "also the slow way";
  const std::vector<FrameBytes> frames{frame(100)};
  EXPECT_EQ(expected.of(frames, {given}), std::vector<Datagram>{given});
  EXPECT_TRUE(expected.of(frames, {}).empty()) << "a frame that Linux drops for no declared reason";
}

TEST_F(ExpectationTest, AddsBadChecksumsUnlessTheyAreVerified) {
  const std::vector<FrameBytes> frames{frame(100, ChecksumMode::kBad), frame(50, ChecksumMode::kZero)};
  ClassifierConfig options = host_.classifier();
  EXPECT_EQ(expectation(options).of(frames, {}).size(), 1u);
  options.verify_udp_checksum = true;
  EXPECT_TRUE(expectation(options).of(frames, {}).empty());
  options.verify_udp_checksum = false;
  options.ports = {1};
  EXPECT_TRUE(expectation(options).of(frames, {}).empty()) << "not a frame of this receiver";
}

TEST_F(ExpectationTest, LeavesOutWhatIsLongerThanMaxPayload) {
  const Datagram longest = datagram(frame(1'472, ChecksumMode::kBad));
  const Datagram too_long = datagram(frame(1'473, ChecksumMode::kBad));
  const Expectation expected = expectation(host_.classifier());
  EXPECT_EQ(expected.of({}, {too_long, longest}), std::vector<Datagram>{longest});
  EXPECT_TRUE(expected.of(std::vector<FrameBytes>{frame(1'473, ChecksumMode::kBad)}, {}).empty());
}

TEST_F(ExpectationTest, LeavesOutIpv6ThatTheFastPathDoesNotTake) {
  const Datagram given = datagram(ipv6_frame(ChecksumMode::kBad));
  const std::vector<FrameBytes> frames{ipv6_frame()};
  ClassifierConfig options = host_.classifier();
  EXPECT_TRUE(expectation(options).of(frames, {given}).empty());
  options.ipv6 = true;
  EXPECT_EQ(expectation(options).of(frames, {given}), std::vector<Datagram>{given});
  EXPECT_TRUE(expectation(options).of({}, {given}).empty()) << "from a frame that is not plain";
  EXPECT_EQ(expectation(options).of(frames, {given, given}), std::vector<Datagram>{given})
      << "one plain frame, one by the slow way";
}

}  // namespace
}  // namespace penstock
