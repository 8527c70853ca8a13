// The facts on Linux, over a veth pair: the same scripts that kernel_facts_test.cc runs on the model.
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <time.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "engine/base/wait.h"
#include "engine/xdp/receiver_program.h"
#include "engine/xsk/socket.h"
#include "engine/xsk/system.h"
#include "sim/nic_model/kernel_facts.h"
#include "sim/topology/ethtool.h"
#include "sim/topology/iproute.h"
#include "sim/topology/link.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

template <typename T>
T must(Result<T> result) {
  if (!result) ADD_FAILURE() << result.error().message();
  return std::move(result.value());
}

void must_do(const Status& status) {
  ASSERT_TRUE(status) << status.error().message();
}

UniqueFd open_wire(const VethTopology::End& sender) {
  UniqueFd wire(socket(AF_PACKET, SOCK_RAW, 0));
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(sender.index);
  PENSTOCK_CHECK(bind(wire.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0);
  return wire;
}

// RX and TX queues of one end: 0 or an errno.
int set_channels(const LinkedHosts::End& end, std::uint32_t count) {
  const Ethtool device = must(Ethtool::open(end.ns, end.interface));
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  must_do(device.call(&channels, "-l"));
  channels.cmd = ETHTOOL_SCHANNELS;
  channels.rx_count = channels.tx_count = count;
  const Status set = device.call(&channels, "-L");
  return set ? 0 : set.error().code;
}

struct VethStageParts {
  StageShape shape;
  VethTopology topology = must(VethTopology::create({.queues = shape.queues, .mtu = 3000}));
  UniqueFd wire = must(
      run_in(topology.sender().ns, [this]() -> Result<UniqueFd> { return open_wire(topology.sender()); }));
  Umem umem = must(Umem::create(kStageFrames));
  // Frames longer than a chunk are redirected too: what the kernel does with them is a fact of its own.
  ReceiverProgram program =
      must(ReceiverProgram::load(*Classifier::create({.ports = {8003}, .max_frame = 3'400})));
  std::unique_ptr<XskSocket> socket;

  explicit VethStageParts(const StageShape& stage_shape) : shape(stage_shape) {
    socket = std::make_unique<XskSocket>(must(open_socket(umem)));
    must_do(run_in(topology.receiver().ns, [this]() -> Status {
      const VethTopology::End& end = topology.receiver();
      if (Status s = program.set_socket(shape.socket, socket->fd()); !s) return s;
      program.net_clock().excuse();
      return program.attach(Filter::kUserspace, end.interface, end.index, AttachMode::kNative);
    }));
  }

  Result<XskSocket> open_socket(const Umem& memory) const {
    const VethTopology::End& end = topology.receiver();
    return run_in(end.ns, [&] {
      return XskSocket::open({.interface_index = end.index,
                              .interface = end.interface,
                              .queue = shape.socket,
                              .rx_entries = kStageRxEntries,
                              .fill_entries = kStageFillEntries},
                             memory, {});
    });
  }
};

class VethStage final : private VethStageParts, public KernelStage {
 public:
  explicit VethStage(const StageShape& shape)
      : VethStageParts(shape),
        KernelStage({socket->fill_memory(), socket->rx_memory()}),
        first_(*rings().rx.producer) {}

  void arrive(std::size_t bytes) override { arrive_bytes(std::vector<std::byte>(bytes)); }
  void arrive_of(std::uint16_t flow) override { arrive_bytes(frame_of_flow(flow)); }
  // Whether the sender's end takes it depends on whether the kernel has worked the carrier's loss off.
  void send_in_vain() override {
    const std::vector<std::byte> frame = frame_of_flow(0);
    static_cast<void>(send(wire.get(), frame.data(), frame.size(), 0));
  }
  xdp_statistics statistics() override {
    xdp_statistics s{};
    EXPECT_EQ(system_.statistics(socket->fd(), s), 0);
    return s;
  }
  std::uint64_t passed() override {
    must_do(program.read_counts(counters_));
    return counters_.get(Counter::kXdpPass, PENSTOCK_NO_SOCKET);
  }
  int wake() override { return system_.wake_rx(socket->fd()); }
  int poll_now() override { return system_.wait(std::array{socket->fd()}, 0); }
  void set_link(bool up) override {
    const VethTopology::End& end = topology.receiver();
    must_do(ip_batch(end.ns, {fmt::format("link set dev {} {}", end.interface, up ? "up" : "down")}));
    if (up) wait_for_link();
  }
  // A veth's end is not left fewer RX queues than its peer has TX queues.
  int set_queues(std::uint32_t count) override {
    const auto set_sender = [this](std::uint32_t to) { EXPECT_EQ(set_channels(topology.sender(), to), 0); };
    if (count < shape.queues) set_sender(count);
    const int code = set_channels(topology.receiver(), count);
    set_sender(code == 0 ? count : shape.queues);
    wait_for_link();
    return code;
  }
  int bind_another() override {
    const Umem memory = must(Umem::create(kStageFrames));
    const Result<XskSocket> another = open_socket(memory);
    return another ? 0 : another.error().code;
  }
  void name_socket(bool named) override {
    must_do(named ? program.set_socket(shape.socket, socket->fd()) : program.clear_socket(shape.socket));
  }

 private:
  void arrive_bytes(const std::vector<std::byte>& frame) {
    ASSERT_EQ(send(wire.get(), frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()));
    ++sent_;
    ASSERT_TRUE(wait_until([this] { return accounted() == sent_; }, 10 * kSecond, 100 * kMicrosecond))
        << "frame " << sent_ << " is accounted for nowhere";
  }
  void wait_for_link() const {
    for (const VethTopology::End* end : {&topology.sender(), &topology.receiver()})
      must_do(wait_until_ready(end->ns, end->interface, 10 * kSecond));
  }
  // Every frame ends in one of four counts.
  std::uint64_t accounted() {
    const xdp_statistics s = statistics();
    const std::uint32_t shown =
        std::atomic_ref(*rings().rx.producer).load(std::memory_order_acquire) - first_;
    return shown + s.rx_dropped + s.rx_ring_full + passed();
  }

  KernelXskSystem system_;
  Counters counters_;
  std::uint32_t first_;
  std::uint64_t sent_ = 0;
};

class KernelFacts : public testing::TestWithParam<KernelFact> {};

TEST_P(KernelFacts, HoldOnVeth) {
  VethStage veth(GetParam().shape);
  EXPECT_EQ(wrong_in(GetParam().script(veth)), "");
}

INSTANTIATE_TEST_SUITE_P(Facts, KernelFacts, testing::ValuesIn(kernel_facts()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace penstock
