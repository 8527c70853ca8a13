// AF_XDP with the kernel filter or the userspace filter on one interface: program, UMEM, sockets and
// receive loop put together.
//
// open() goes in the order that loses nothing and opens no black hole: program loaded and its maps
// filled, UMEM mapped, sockets bound with full fill rings, sockets into the XSKMAP, program attached
// last. Going away is the reverse: the program is detached first, and from then on the host's stack
// gets every frame.
//
// Must run in the network namespace of the interface. Capabilities: CAP_NET_RAW for the sockets,
// CAP_BPF and CAP_NET_ADMIN for the program. Errors name the step, the errno and the fix.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/classify/classifier.h"
#include "engine/receive/receiver.h"
#include "engine/receive/xsk_receive.h"
#include "engine/xdp/receiver_program.h"
#include "engine/xsk/socket.h"
#include "engine/xsk/system.h"
#include "engine/xsk/umem.h"

namespace penstock {

struct AfXdpConfig {
  Filter filter = Filter::kKernel;
  std::string interface;
  ClassifierConfig classifier;  // max_frame is set from frame_bytes
  std::uint32_t queues = 1;     // sockets on queues 0 .. queues - 1
  std::uint32_t rx_entries = 4096;
  std::uint32_t frame_bytes = kDefaultFrameBytes;
  std::uint32_t max_payload = 1472;
  TakeScope scope = TakeScope::kAll;  // of the userspace filter
  AttachMode attach_mode = AttachMode::kNative;
  XskMode xsk_mode = XskMode::kCopy;
};

class AfXdpReceiver final : public Receiver {
 public:
  static Result<std::unique_ptr<AfXdpReceiver>> open(const AfXdpConfig& config);

  // With the userspace filter it must come round every 100 ms, or the XDP program takes the engine for
  // dead and leaves everything to the host's stack (bpf/take_all.h).
  std::span<const Frag> poll() override {
    if (filter_ == Filter::kUserspace) net_clock_.beat(clock_.now());
    return receive_->poll();
  }
  void give_back(std::span<const Frag> frags) override { receive_->give_back(frags); }
  // With the userspace filter at most 50 ms, whatever is asked, for the same reason.
  Status wait(Nanoseconds timeout) override;
  Status refresh_counters() override;
  Path path() const override;
  std::string mode() const override;

  const ReceiverProgram& program() const { return *program_; }
  std::uint32_t queues() const { return static_cast<std::uint32_t>(sockets_.size()); }

 private:
  AfXdpReceiver() = default;

  Filter filter_ = Filter::kKernel;
  AttachMode attach_mode_ = AttachMode::kNative;
  KernelXskSystem system_;
  CoarseClock clock_;
  EngineClock net_clock_;  // into program_'s memory
  // In this order, so that going away detaches first, then closes the sockets, then unmaps.
  std::unique_ptr<Umem> umem_;
  std::vector<XskSocket> sockets_;
  std::unique_ptr<XskReceive> receive_;
  std::unique_ptr<ReceiverProgram> program_;
};

}  // namespace penstock
