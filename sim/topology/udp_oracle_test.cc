// The kernel's verdict, datagram by datagram. Needs root.
#include "sim/topology/udp_oracle.h"

#include <errno.h>

#include <algorithm>
#include <array>
#include <latch>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/packet/frame_builder.h"
#include "sim/topology/host_counters.h"
#include "sim/topology/quiesce.h"
#include "sim/topology/testing/raw_sender.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

using Bytes = std::vector<std::byte>;
using Datagram = std::tuple<Endpoint, Endpoint, Bytes>;

constexpr std::array<std::uint16_t, 2> kPorts = {8000, 8001};

class UdpOracleTest : public ::testing::Test {
 protected:
  template <typename T>
  static T value(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message());
    return std::move(*result);
  }

  Bytes frame(const Endpoint& source, const Endpoint& destination, const Bytes& payload,
              ChecksumMode checksum = ChecksumMode::kGood) const {
    return FrameBuilder()
        .add(EthernetHeader{.destination = topology_.receiver().mac, .source = topology_.sender().mac})
        .add(Ipv4Header{.source = source.address, .destination = destination.address})
        .add(
            UdpHeader{.source_port = source.port, .destination_port = destination.port, .checksum = checksum})
        .payload(payload)
        .build();
  }

  void send(const std::vector<Bytes>& frames) const {
    const auto sender = value(testing::RawSender::open(topology_.sender().ns, topology_.sender().index));
    for (const Bytes& bytes : frames) {
      ASSERT_TRUE(sender.send(bytes));
    }
    value(wait_for_quiesce([&] { return read_host_counters(topology_.receiver().ns); }, 10 * kSecond));
  }

  Endpoint receiver(std::uint16_t port) const { return {topology_.receiver().address, port}; }

  VethTopology topology_ = value(VethTopology::create({}));
  const Endpoint parent_{{{198, 18, 3, 4}}, 8006};
};

TEST_F(UdpOracleTest, TakesWhatIsForItsPortsAndSaysFromWhereToWhere) {
  const Bytes shred(1203, std::byte{7});
  std::vector<Datagram> got;
  UdpOracle oracle =
      value(UdpOracle::start(topology_.receiver().ns, kPorts,
                             [&](const Endpoint& from, const Endpoint& to, std::span<const std::byte> p) {
                               got.emplace_back(from, to, Bytes(p.begin(), p.end()));
                             }));
  const Endpoint elsewhere{{{192, 0, 2, 77}}, 8000};  // another host's address
  const Endpoint broadcast{{{192, 0, 2, 255}}, 8000};
  send({frame(parent_, receiver(8000), shred), frame(parent_, receiver(8002), shred),
        frame(parent_, receiver(8001), {}), frame(parent_, elsewhere, shred),
        frame(parent_, broadcast, Bytes(1)), frame(parent_, receiver(8000), shred, ChecksumMode::kZero)});
  const UdpOracle::Report report = value(oracle.stop());
  const std::vector<Datagram> expected = {{parent_, receiver(8000), shred},
                                          {parent_, broadcast, Bytes(1)},
                                          {parent_, receiver(8000), shred},
                                          {parent_, receiver(8001), {}}};
  std::sort(got.begin(), got.end());  // two sockets: order between them is not kept
  std::vector<Datagram> sorted = expected;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_TRUE(got == sorted) << got.size() << " datagrams";
  EXPECT_EQ(report.received, expected.size());
  EXPECT_EQ(report.drops, 0u);
  EXPECT_EQ(report.truncated, 0u);
  const HostCounters host = value(read_host_counters(topology_.receiver().ns));
  EXPECT_EQ(host.ip_received, 6u);
  EXPECT_EQ(host.udp_received, expected.size());
  EXPECT_EQ(host.udp_no_port, 1u);
}

TEST_F(UdpOracleTest, ABadChecksumIsADropUnderItsOwnName) {
  UdpOracle oracle = value(UdpOracle::start(topology_.receiver().ns, kPorts, [](auto&&...) {}));
  send({frame(parent_, receiver(8000), Bytes(100), ChecksumMode::kBad),
        frame(parent_, receiver(8000), Bytes(100))});
  const UdpOracle::Report report = value(oracle.stop());
  EXPECT_EQ(report.received, 1u);
  EXPECT_EQ(report.drops, 1u);
  const HostCounters host = value(read_host_counters(topology_.receiver().ns));
  EXPECT_EQ(host.udp_bad_checksum, 1u);
  EXPECT_EQ(host.udp_buffer_full, 0u);
}

TEST_F(UdpOracleTest, AFullBufferIsADropUnderItsOwnName) {
  std::latch release(1);
  UdpOracle oracle = value(UdpOracle::start(
      topology_.receiver().ns, kPorts, [&](auto&&...) { release.wait(); }, 64 << 10));
  send(std::vector<Bytes>(1000, frame(parent_, receiver(8000), Bytes(1203))));
  release.count_down();
  const UdpOracle::Report report = value(oracle.stop());
  EXPECT_GT(report.drops, 0u);
  EXPECT_EQ(report.received + report.drops, 1000u);
  EXPECT_EQ(value(read_host_counters(topology_.receiver().ns)).udp_buffer_full, report.drops);
}

TEST_F(UdpOracleTest, HoldsThirtyThousandShredsWhileItsThreadIsHeldUp) {
  std::latch release(1);
  UdpOracle oracle =
      value(UdpOracle::start(topology_.receiver().ns, kPorts, [&](auto&&...) { release.wait(); }));
  send(std::vector<Bytes>(30'000, frame(parent_, receiver(8000), Bytes(1203))));
  release.count_down();
  const UdpOracle::Report report = value(oracle.stop());
  EXPECT_EQ(report.received, 30'000u);
  EXPECT_EQ(report.drops, 0u);
}

TEST_F(UdpOracleTest, NamesThePortThatIsTaken) {
  const UdpOracle oracle = value(UdpOracle::start(topology_.receiver().ns, kPorts, [](auto&&...) {}));
  const auto second = UdpOracle::start(topology_.receiver().ns, kPorts, [](auto&&...) {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, EADDRINUSE);
  EXPECT_NE(second.error().what.find("8000"), std::string::npos);
}

}  // namespace
}  // namespace penstock
