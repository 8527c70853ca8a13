// The host's stack sees inbound frames as they were sent. Needs root.
#include "sim/topology/host_tap.h"

#include <latch>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/packet/frame_builder.h"
#include "sim/topology/iproute.h"
#include "sim/topology/port_counters.h"
#include "sim/topology/quiesce.h"
#include "sim/topology/testing/raw_sender.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

using Frame = std::vector<std::byte>;

class HostTapTest : public ::testing::Test {
 protected:
  template <typename T>
  static T value(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message());
    return std::move(*result);
  }

  EthernetHeader ethernet() const {
    return {.destination = topology_.receiver().mac, .source = topology_.sender().mac};
  }
  Ipv4Header ip() const {
    return {.source = topology_.sender().address, .destination = topology_.receiver().address};
  }

  void send(const std::vector<Frame>& frames) const {
    const auto sender = value(testing::RawSender::open(topology_.sender().ns, topology_.sender().index));
    for (const Frame& frame : frames) {
      ASSERT_TRUE(sender.send(frame));
    }
    const auto reader =
        value(PortCounterReader::open(topology_.receiver().ns, topology_.receiver().interface));
    value(wait_for_quiesce([&] { return reader.read(); }, 10 * kSecond));
  }

  HostTap start(HostTap::Callback callback, int buffer_bytes = HostTap::kBufferBytes) const {
    return value(HostTap::start(topology_.receiver().ns, topology_.receiver().interface, std::move(callback),
                                buffer_bytes));
  }

  VethTopology topology_ = value(VethTopology::create({}));
};

TEST_F(HostTapTest, SeesEveryKindOfFrameByteForByteAndInOrder) {
  const Frame payload(1203, std::byte{0x5a});
  const std::vector<Frame> frames = {
      FrameBuilder().add(ethernet()).add(ip()).add(UdpHeader{8006, 8000}).payload(payload).build(),
      FrameBuilder().add(ethernet()).add(ip()).add(UdpHeader{8006, 9}).padding(18).build(),
      FrameBuilder()
          .add(ethernet())
          .add(ip())
          .add(TcpHeader{.source_port = 1, .destination_port = 2})
          .build(),
      FrameBuilder()
          .add(ethernet())
          .add(VlanTag{.vid = 5, .priority = 3})
          .add(ip())
          .add(UdpHeader{1, 2})
          .build(),
      FrameBuilder()
          .add(ethernet())
          .add(VlanTag{.vid = 100, .tag_type = kEthertypeQinQ})
          .add(VlanTag{.vid = 200})
          .add(ip())
          .add(UdpHeader{8006, 8000})
          .payload(payload)
          .build(),
      FrameBuilder()
          .add(EthernetHeader{.source = topology_.sender().mac, .ethertype = 0x88b5})
          .padding(46)
          .build(),
      FrameBuilder()
          .add(ethernet())
          .add(ip())
          .add(UdpHeader{1, 2})
          .payload(Frame(1472, std::byte{1}))
          .build(),
  };
  std::vector<Frame> seen;
  HostTap tap =
      start([&](std::span<const std::byte> frame) { seen.emplace_back(frame.begin(), frame.end()); });
  send(frames);
  const HostTap::Report report = value(tap.stop());
  EXPECT_EQ(report.received, frames.size());
  EXPECT_TRUE(report.complete());
  ASSERT_EQ(seen.size(), frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    EXPECT_TRUE(seen[i] == frames[i]) << "frame " << i << ", " << seen[i].size() << " bytes";
  }
}

TEST_F(HostTapTest, DoesNotSeeTheHostsOwnAnswers) {
  const Frame ping =
      FrameBuilder().add(ethernet()).add(ip()).add(IcmpEchoHeader{.id = 7}).payload(Frame(56)).build();
  std::uint64_t seen = 0;
  HostTap tap = start([&](std::span<const std::byte>) { ++seen; });
  send({ping, ping, ping});
  EXPECT_EQ(value(tap.stop()).received, 3u);
  EXPECT_EQ(seen, 3u);
  const auto reader = value(PortCounterReader::open(topology_.receiver().ns, topology_.receiver().interface));
  EXPECT_EQ(value(reader.read()).tx_packets, 3u);  // the echo replies went out
}

TEST_F(HostTapTest, LeavesOutWhatItsFilterRejects) {
  const auto frame_from = [this](const MacAddress& source) {
    return FrameBuilder()
        .add(EthernetHeader{.destination = topology_.receiver().mac, .source = source})
        .add(VlanTag{.vid = 5})
        .add(ip())
        .add(UdpHeader{1, 2})
        .build();
  };
  const Frame wanted = frame_from(MacAddress{{2, 0, 0, 0, 0, 7}});
  std::vector<Frame> seen;
  HostTap tap = value(HostTap::start(
      topology_.receiver().ns, topology_.receiver().interface,
      [&seen](auto frame) { seen.emplace_back(frame.begin(), frame.end()); }, HostTap::kBufferBytes,
      "not ether src " + topology_.sender().mac.to_string()));
  send({frame_from(topology_.sender().mac), wanted, frame_from(topology_.sender().mac)});
  EXPECT_EQ(value(tap.stop()).received, 1u);
  EXPECT_EQ(seen, std::vector<Frame>{wanted});

  const auto nonsense = HostTap::start(
      topology_.receiver().ns, topology_.receiver().interface, [](auto) {}, HostTap::kBufferBytes,
      "no such word");
  ASSERT_FALSE(nonsense);
  EXPECT_NE(nonsense.error().what.find("no such word"), std::string::npos) << nonsense.error().message();
}

TEST_F(HostTapTest, CountsWhatItsBufferCouldNotTake) {
  const Frame frame =
      FrameBuilder().add(ethernet()).add(ip()).add(UdpHeader{1, 2}).payload(Frame(1000)).build();
  std::latch release(1);
  HostTap tap = start([&](std::span<const std::byte>) { release.wait(); }, 256 << 10);
  send(std::vector<Frame>(1000, frame));
  release.count_down();
  const HostTap::Report report = value(tap.stop());
  EXPECT_GT(report.dropped, 0u);
  EXPECT_FALSE(report.complete());
  EXPECT_EQ(report.received + report.dropped, 1000u);
}

TEST_F(HostTapTest, HoldsTwentyThousandFramesWhileItsThreadIsHeldUp) {
  const Frame frame =
      FrameBuilder().add(ethernet()).add(ip()).add(UdpHeader{1, 2}).payload(Frame(1203)).build();
  std::latch release(1);
  HostTap tap = start([&](std::span<const std::byte>) { release.wait(); });
  send(std::vector<Frame>(20'000, frame));
  release.count_down();
  const HostTap::Report report = value(tap.stop());
  EXPECT_EQ(report.received, 20'000u);
  EXPECT_TRUE(report.complete());
}

TEST_F(HostTapTest, EndsWithoutBeingStopped) {
  {
    const HostTap tap = start([](std::span<const std::byte>) {});
  }
  const HostTap again = start([](std::span<const std::byte>) {});
}

TEST_F(HostTapTest, TellsOfAnInterfaceThatIsNotThereAndOfOneThatGoesAway) {
  const auto missing = HostTap::start(topology_.receiver().ns, "nothing", [](std::span<const std::byte>) {});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().what.find("nothing"), std::string::npos) << missing.error().message();

  HostTap tap = start([](std::span<const std::byte>) {});
  ASSERT_TRUE(ip_batch(topology_.receiver().ns, {"link del dev pen-receiver"}));
  const auto report = tap.stop();
  EXPECT_FALSE(report);
}

}  // namespace
}  // namespace penstock
