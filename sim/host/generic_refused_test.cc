// The userspace filter in generic XDP mode: refused with the reason, and nothing loops. Beside it the loop
// that the refusal prevents, made by hand from the same parts. Needs root.
//
// Generic XDP runs where the stack takes a frame from an interface, also one that the return path's TAP
// redirected to it: there take_all would redirect it again, for ever. Native XDP runs in the driver, which no
// such frame passes.
#include <unistd.h>

#include <atomic>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/packet/frame_builder.h"
#include "engine/receive/af_xdp_receiver.h"
#include "engine/tiles/tap_device.h"
#include "engine/xdp/receiver_program.h"
#include "engine/xsk/ring.h"
#include "engine/xsk/socket.h"
#include "engine/xsk/umem.h"
#include "sim/topology/host_tap.h"
#include "sim/topology/quiesce.h"
#include "sim/topology/testing/raw_sender.h"
#include "sim/topology/testing/value_of.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

using testing::value_of;

constexpr std::uint64_t kMostRounds = 10'000;

// A frame that is nobody's: not the engine's, and answered by nobody.
std::vector<std::byte> foreign_frame(const VethTopology& topology) {
  return FrameBuilder()
      .add(EthernetHeader{.destination = topology.receiver().mac, .source = topology.sender().mac})
      .add(Ipv4Header{.source = topology.sender().address, .destination = topology.receiver().address})
      .add(UdpHeader{.source_port = 9, .destination_port = 9})
      .pad_to(60)
      .build();
}

// take_all on an interface, one AF_XDP socket, and the way back to the host: what the receiver is made of,
// but for the refusal. To be made in the namespace of the interface.
class HandMadePath {
 public:
  HandMadePath(const VethTopology::End& end, AttachMode mode) {
    program_.set_scope(TakeScope::kAll);
    program_.net_clock().excuse();
    value_of(program_.set_socket(0, socket_of(end).fd()));
    fill_ = FillRing(socket_->fill_memory());
    rx_ = RxRing(socket_->rx_memory());
    tap_.emplace(value_of(TapDevice::open(end.index)));
    value_of(program_.attach(Filter::kUserspace, end.interface, end.index, mode));
  }

  // Gives every frame that comes back to the host, until `most` have come or none comes for a while.
  std::uint64_t run(std::uint64_t most) {
    std::uint64_t rounds = 0;
    for (int idle = 0; idle < 200 && rounds < most;) {
      if (rx_.available(1) == 0) {
        ++idle;
        usleep(1000);
        continue;
      }
      idle = 0;
      const xdp_desc descriptor = rx_.peek(0);
      rx_.pop(1);
      rx_.release();
      EXPECT_EQ(tap_->write({umem_.memory().base + descriptor.addr, descriptor.len}), 0);
      fill_.push(descriptor.addr & ~std::uint64_t{umem_.memory().frame_bytes - 1});
      fill_.submit();
      ++rounds;
    }
    return rounds;
  }

 private:
  static constexpr std::uint32_t kFrames = 64;

  XskSocket& socket_of(const VethTopology::End& end) {
    std::vector<std::uint32_t> frames(kFrames);
    std::iota(frames.begin(), frames.end(), 0U);
    socket_.emplace(value_of(XskSocket::open({.interface_index = end.index,
                                              .interface = end.interface,
                                              .rx_entries = kFrames,
                                              .fill_entries = kFrames},
                                             umem_, frames)));
    return *socket_;
  }

  ReceiverProgram program_ = value_of(ReceiverProgram::load(value_of(Classifier::create({.ports = {8003}}))));
  Umem umem_ = value_of(Umem::create(kFrames));
  std::optional<XskSocket> socket_;
  FillRing fill_;
  RxRing rx_;
  std::optional<TapDevice> tap_;
};

class GenericModeTest : public ::testing::Test {
 protected:
  std::uint64_t rounds_of_one_frame(AttachMode mode) {
    return value_of(run_in(receiver_.ns, [&]() -> Result<std::uint64_t> {
      HandMadePath path(receiver_, mode);
      value_of(wire_.send(foreign_frame(topology_)));
      return path.run(kMostRounds);
    }));
  }

  // What the stack has been given by the interface, once that stands still.
  std::uint64_t seen_by_host() {
    return *wait_for_quiesce([this]() -> Result<std::uint64_t> { return seen_.load(); }, 20 * kSecond,
                             200 * kMillisecond);
  }

  const VethTopology topology_ = value_of(VethTopology::create({}));
  const VethTopology::End& receiver_ = topology_.receiver();
  std::atomic<std::uint64_t> seen_{0};
  const HostTap tap_ = value_of(HostTap::start(receiver_.ns, receiver_.interface, [this](auto) { ++seen_; }));
  const testing::RawSender wire_ =
      value_of(testing::RawSender::open(topology_.sender().ns, topology_.sender().index));
};

TEST_F(GenericModeTest, IsRefusedWithTheReasonAndNothingLoops) {
  const auto refused = run_in(receiver_.ns, [&] {
    return AfXdpReceiver::open({.filter = Filter::kUserspace,
                                .interface = receiver_.interface,
                                .classifier = {.ports = {8003}},
                                .attach_mode = AttachMode::kGeneric});
  });
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("generic"), std::string::npos) << refused.error().message();
  EXPECT_NE(refused.error().message().find("loop"), std::string::npos) << refused.error().message();
  EXPECT_FALSE(refused.error().fix.empty());

  constexpr int kFrames = 10;
  for (int i = 0; i < kFrames; ++i)
    ASSERT_TRUE(wire_.send(foreign_frame(topology_)));
  EXPECT_EQ(seen_by_host(), static_cast<std::uint64_t>(kFrames)) << "sent once, seen once";
}

// The same parts in native mode: a frame goes round once, and the host has it.
TEST_F(GenericModeTest, InNativeModeAFrameComesBackOnce) {
  EXPECT_EQ(rounds_of_one_frame(AttachMode::kNative), 1u);
  EXPECT_EQ(seen_by_host(), 1u);
}

// The evidence for the refusal: one frame that was sent once comes through the RX ring again and again, and
// the host never gets it.
TEST_F(GenericModeTest, WithoutTheRefusalOneFrameWouldGoRoundForEver) {
  EXPECT_EQ(rounds_of_one_frame(AttachMode::kGeneric), kMostRounds);
}

}  // namespace
}  // namespace penstock
