// The facts on Linux, over a veth pair: the same scripts that kernel_facts_test.cc runs on the model.
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <time.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "engine/base/wait.h"
#include "engine/xdp/receiver_program.h"
#include "engine/xsk/socket.h"
#include "engine/xsk/system.h"
#include "sim/nic_model/kernel_facts.h"
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

struct VethStageParts {
  VethTopology topology = must(VethTopology::create({.mtu = 3000}));
  UniqueFd wire = must(
      run_in(topology.sender().ns, [this]() -> Result<UniqueFd> { return open_wire(topology.sender()); }));
  Umem umem = must(Umem::create(kStageFrames));
  // Frames longer than a chunk are redirected too: what the kernel does with them is a fact of its own.
  ReceiverProgram program =
      must(ReceiverProgram::load(*Classifier::create({.ports = {8003}, .max_frame = 3'400})));
  std::unique_ptr<XskSocket> socket;

  VethStageParts() {
    must_do(run_in(topology.receiver().ns, [this]() -> Status {
      const VethTopology::End& end = topology.receiver();
      Result<XskSocket> opened = XskSocket::open({.interface_index = end.index,
                                                  .interface = end.interface,
                                                  .queue = 0,
                                                  .rx_entries = kStageRxEntries,
                                                  .fill_entries = kStageFillEntries},
                                                 umem, {});
      if (!opened) return tl::unexpected(opened.error());
      socket = std::make_unique<XskSocket>(std::move(*opened));
      if (Status s = program.set_socket(0, socket->fd()); !s) return s;
      program.net_clock().excuse();
      return program.attach(Filter::kUserspace, end.interface, end.index, AttachMode::kNative);
    }));
  }
};

class VethStage final : private VethStageParts, public KernelStage {
 public:
  VethStage() : KernelStage({socket->fill_memory(), socket->rx_memory()}), first_(*rings().rx.producer) {}

  void arrive(std::size_t bytes) override {
    const std::vector<std::byte> frame(bytes);
    ASSERT_EQ(send(wire.get(), frame.data(), frame.size(), 0), static_cast<ssize_t>(bytes));
    ++sent_;
    const MonotonicClock clock;
    for (const Nanoseconds deadline = clock.now() + 10 * kSecond; accounted() != sent_;) {
      ASSERT_LT(clock.now(), deadline) << "frame " << sent_ << " is accounted for nowhere";
      sleep_for(100 * kMicrosecond);
    }
  }
  xdp_statistics statistics() override {
    xdp_statistics s{};
    EXPECT_EQ(system_.statistics(socket->fd(), s), 0);
    return s;
  }
  int wake() override { return system_.wake_rx(socket->fd()); }

 private:
  // Every frame ends in one of three counts.
  std::uint64_t accounted() {
    const xdp_statistics s = statistics();
    const std::uint32_t shown =
        std::atomic_ref(*rings().rx.producer).load(std::memory_order_acquire) - first_;
    return shown + s.rx_dropped + s.rx_ring_full;
  }

  KernelXskSystem system_;
  std::uint32_t first_;
  std::uint64_t sent_ = 0;
};

class KernelFacts : public testing::TestWithParam<KernelFact> {};

TEST_P(KernelFacts, HoldOnVeth) {
  VethStage veth;
  EXPECT_EQ(wrong_in(GetParam().script(veth)), "");
}

INSTANTIATE_TEST_SUITE_P(Facts, KernelFacts, testing::ValuesIn(kernel_facts()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace penstock
