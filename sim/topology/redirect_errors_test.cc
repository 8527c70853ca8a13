// Every errno of a failed redirect into an XSKMAP, made on purpose. Needs root.
#include "sim/topology/redirect_errors.h"

#include <errno.h>

#include <array>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/classifier.h"
#include "engine/packet/frame_builder.h"
#include "engine/xdp/receiver_program.h"
#include "engine/xsk/socket.h"
#include "engine/xsk/umem.h"
#include "engine/xsk/xsk_descriptor.h"
#include "sim/topology/port_counters.h"
#include "sim/topology/quiesce.h"
#include "sim/topology/testing/raw_sender.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

constexpr std::uint32_t kFrames = 400;

template <typename T>
T value(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}

// A receiver whose program redirects every frame into the socket of slot 0, and that never reads.
class RedirectErrorsTest : public ::testing::Test {
 protected:
  struct Outcome {
    RedirectErrorCounts errors;
    PortCounters receiver;
    std::uint64_t redirected = 0;  // by the program's own count
  };

  Outcome send_into(int xsk, std::size_t frame_bytes) {
    const VethTopology::End& receiver = topology_.receiver();
    const Status attached = run_in(receiver.ns, [&]() -> Status {
      if (Status set = program_.set_socket(0, xsk); !set) return set;
      program_.net_clock().excuse();  // take_all must not wait for an engine: there is none
      return program_.attach(Filter::kUserspace, receiver.interface, receiver.index, AttachMode::kNative);
    });
    if (!attached) throw std::runtime_error(attached.error().message());
    const RedirectErrors errors = value(RedirectErrors::attach(value(program_.socket_map_id())));
    send(frame_bytes);
    const auto reader = value(PortCounterReader::open(receiver.ns, receiver.interface));
    const PortCounters counted = value(wait_for_quiesce([&] { return reader.read(); }, 10 * kSecond));
    Counters program;
    EXPECT_TRUE(program_.read_counts(program));
    return {value(errors.read()), counted, program.snapshot().get(Counter::kXdpRedirect)};
  }

  // As many flows as frames: about half of them arrive on queue 0, whatever the kernel's hash key is. The
  // others find an empty slot and pass.
  void send(std::size_t frame_bytes) {
    const auto sender = value(testing::RawSender::open(topology_.sender().ns, topology_.sender().index));
    const std::vector<std::byte> payload(frame_bytes - PENSTOCK_PAYLOAD_OFFSET);
    for (std::uint32_t i = 0; i < kFrames; ++i) {
      const auto frame =
          FrameBuilder()
              .add(EthernetHeader{.destination = topology_.receiver().mac, .source = topology_.sender().mac})
              .add(Ipv4Header{.source = topology_.sender().address,
                              .destination = topology_.receiver().address})
              .add(UdpHeader{.source_port = static_cast<std::uint16_t>(1000 + i), .destination_port = 8000})
              .payload(payload)
              .build();
      ASSERT_TRUE(sender.send(frame));
    }
  }

  XskSocket bound_socket(std::uint32_t queue, std::uint32_t rx_entries, std::uint32_t filled) {
    std::vector<std::uint32_t> frames(filled);
    std::iota(frames.begin(), frames.end(), 0u);
    const XskConfig config{.interface_index = topology_.receiver().index,
                           .interface = topology_.receiver().interface,
                           .queue = queue,
                           .rx_entries = rx_entries,
                           .fill_entries = 1024};
    return value(run_in(topology_.receiver().ns, [&] { return XskSocket::open(config, umem_, frames); }));
  }

  static VethConfig two_queues() {
    VethConfig config;
    config.queues = 2;
    config.mtu = 3000;
    return config;
  }

  // Longer than a chunk holds, so that the kernel and not the program finds frames too long.
  static ClassifierConfig any_length() { return {.ports = {8000}, .max_frame = 4000}; }

  VethTopology topology_ = value(VethTopology::create(two_queues()));
  Umem umem_ = value(Umem::create(1024));
  ReceiverProgram program_ = value(ReceiverProgram::load(value(Classifier::create(any_length()))));
};

TEST_F(RedirectErrorsTest, UnboundSocketIsEnxio) {
  const UniqueFd unbound = value(open_xsk());
  const Outcome outcome = send_into(unbound.get(), 100);
  EXPECT_EQ(outcome.errors, (RedirectErrorCounts{{ENXIO, outcome.redirected}}));
  EXPECT_GT(outcome.redirected, 0u);
  EXPECT_EQ(outcome.receiver.rx_drops, outcome.redirected);
}

TEST_F(RedirectErrorsTest, SocketOfAnotherQueueIsEinval) {
  const XskSocket socket = bound_socket(1, 512, 1024);
  const Outcome outcome = send_into(socket.fd(), 100);
  EXPECT_EQ(outcome.errors, (RedirectErrorCounts{{EINVAL, outcome.redirected}}));
  EXPECT_GT(outcome.redirected, 0u);
  EXPECT_EQ(outcome.receiver.rx_drops, outcome.redirected);
}

TEST_F(RedirectErrorsTest, FullRxRingIsEnobufs) {
  constexpr std::uint32_t kRing = 64;
  const XskSocket socket = bound_socket(0, kRing, 1024);
  const Outcome outcome = send_into(socket.fd(), 100);
  ASSERT_GT(outcome.redirected, kRing);
  EXPECT_EQ(outcome.errors, (RedirectErrorCounts{{ENOBUFS, outcome.redirected - kRing}}));
  EXPECT_EQ(outcome.receiver.rx_drops, outcome.redirected - kRing);
  EXPECT_EQ(outcome.receiver.xdp_redirect, kRing);
}

TEST_F(RedirectErrorsTest, EmptyFillRingIsEnomem) {
  constexpr std::uint32_t kFilled = 10;
  const XskSocket socket = bound_socket(0, 512, kFilled);
  const Outcome outcome = send_into(socket.fd(), 100);
  ASSERT_GT(outcome.redirected, kFilled);
  EXPECT_EQ(outcome.errors, (RedirectErrorCounts{{ENOMEM, outcome.redirected - kFilled}}));
  EXPECT_EQ(outcome.receiver.rx_drops, outcome.redirected - kFilled);
}

TEST_F(RedirectErrorsTest, FrameLongerThanAChunkIsEnospc) {
  const XskSocket socket = bound_socket(0, 512, 1024);
  const Outcome outcome = send_into(socket.fd(), usable_frame_bytes(kDefaultFrameBytes) + 1);
  EXPECT_EQ(outcome.errors, (RedirectErrorCounts{{ENOSPC, outcome.redirected}}));
  EXPECT_GT(outcome.redirected, 0u);
}

TEST_F(RedirectErrorsTest, OtherMapsAreNotCounted) {
  const RedirectErrors elsewhere = value(RedirectErrors::attach(0));
  const UniqueFd unbound = value(open_xsk());
  send_into(unbound.get(), 100);
  EXPECT_EQ(value(elsewhere.read()), RedirectErrorCounts{});
}

}  // namespace
}  // namespace penstock
