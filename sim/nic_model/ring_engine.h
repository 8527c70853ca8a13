// The engine over the simulated NIC: what AfXdpReceiver and ReturnPath put together over Linux, put together
// over NicModel. The receive loop, the classifier, the return link and the return tile are the engine's own
// code, with the same loads and stores on the same rings; sockets, program, TAP and threads are modelled.
//
// Whoever drives it calls nic().arrive(), nic().poll(), receive() and tile() in turn, in one thread, and
// tells the time (ring_world.h does). Frames: `fill_frames` a queue, then those of the return link's lines.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/classify/classifier.h"
#include "engine/mcache/mcache.h"
#include "engine/metrics/counters.h"
#include "engine/receive/xsk_receive.h"
#include "engine/tiles/host_port.h"
#include "engine/tiles/return_tile.h"
#include "engine/xsk/testing/fake_kernel.h"
#include "engine/xsk/umem.h"
#include "sim/nic_model/frame_book.h"
#include "sim/nic_model/nic.h"
#include "sim/nic_model/xdp_program.h"

namespace penstock {

struct RingEngineConfig {
  Filter filter = Filter::kKernel;
  ClassifierConfig classifier{};
  NicConfig nic{};
  std::uint32_t sockets = 0;          // on queues 0 to sockets - 1; 0: on every queue
  std::uint32_t rx_entries = 4096;    // from 4
  std::uint32_t fill_frames = 0;      // of each queue, at most twice rx_entries; 0: default_fill_frames()
  std::uint32_t first_index = 0;      // where the rings' indices start
  std::uint32_t return_depth = 4096;  // of the userspace filter
  std::uint32_t max_payload = 1472;
  penstock_scope scope = PENSTOCK_SCOPE_ALL;
};

class RingEngine {
 public:
  // `passed` is given what the program passes to the host, `returned` what the return tile writes to it.
  // Errors: the classifier's.
  static Result<std::unique_ptr<RingEngine>> open(const RingEngineConfig& config, NicModel::Host passed,
                                                  NicModel::Host returned);
  // Both to the same.
  static Result<std::unique_ptr<RingEngine>> open(const RingEngineConfig& config,
                                                  const NicModel::Host& host) {
    return open(config, host, host);
  }

  NicModel& nic() { return *nic_; }
  ModelProgram& program() { return *program_; }
  FakeKernel& kernel() { return *kernel_; }
  XskReceive& receive() { return *receive_; }
  ReturnTile* tile() { return tile_ ? &*tile_ : nullptr; }  // null with the kernel filter
  FrameBook& book() { return *book_; }
  const FrameMemory& memory() const { return umem_.memory(); }
  std::uint32_t sockets() const { return static_cast<std::uint32_t>(rings_.size()); }

  std::span<const std::byte> payload(const Frag& frag) const {
    return {memory().base + memory().address_of(frag.frame) + frag.offset, frag.length};
  }
  // Whether an RX ring shows a frame that the engine has not taken.
  bool readable() const { return in_rx_rings() != 0; }
  // Frames taken from the RX rings so far, mod 2^32: the sum of what the rings' consumer indices say.
  std::uint32_t frames_taken() const;
  // Frames that the RX rings show and the engine has not taken.
  std::uint32_t in_rx_rings() const;
  // The engine's counters with those of the program and of the sockets as they are now, which the engine
  // itself looks at now and then. Not the return tile's.
  CounterSnapshot counters_on_the_way();
  // All counters: the engine's, the return tile's, the sockets' and the program's.
  CounterSnapshot snapshot();

 private:
  // The host's stack behind the return tile.
  class Stack final : public HostPort {
   public:
    explicit Stack(NicModel::Host host) : host_(std::move(host)) {}
    int write(std::span<const std::byte> frame) override;
    bool usable() override { return true; }

   private:
    NicModel::Host host_;
  };

  RingEngine(Umem umem, NicModel::Host returned) : umem_(std::move(umem)), stack_(std::move(returned)) {}

  XskReceive::Queue open_queue(const RingEngineConfig& config, std::uint32_t number,
                               std::uint32_t fill_frames);
  void open_return_path(std::uint32_t depth, std::uint32_t first_frame);

  Umem umem_;
  Stack stack_;
  Counters counters_;
  std::unique_ptr<FakeKernel> kernel_;
  std::unique_ptr<ModelProgram> program_;
  std::unique_ptr<NicModel> nic_;
  std::vector<FrameBook::Queue> rings_;
  std::vector<int> sockets_;
  std::optional<McacheMemory> lines_;
  std::optional<McacheProducer<Frag>> link_;
  std::optional<ReturnTile> tile_;
  std::unique_ptr<XskReceive> receive_;
  std::unique_ptr<FrameBook> book_;
};

}  // namespace penstock
