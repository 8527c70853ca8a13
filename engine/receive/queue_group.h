// Some of an interface's RX queues, as one net tile polls them: their AF_XDP sockets, the receive loop over
// them and, behind the userspace filter, a return path of their own. An AfXdpReceiver is made of one or more;
// each further net tile polls its group in a thread of its own.
//
//                      program, policy, ports, companion socket, UMEM       AfXdpReceiver, the first tile's
//   queues 0, 1 -> QueueGroup 0 -> polled by AfXdpReceiver::poll()
//   queues 2, 3 -> QueueGroup 1 -> polled by the second net tile
//
// Frames: those of its queues' fill rings, and those of its return link's lines. They never leave the group,
// since a displaced frame goes to the queue that the new one came from (xsk_receive.h).
//
// What is ours may change while it runs. Its owner post()s the change, and it takes that at its next poll():
// the owner, which must not go on before every group has (engine first, kernel second), asks heeded().
//
// The dead-man's switch of take_all has one clock for the net tiles of an interface (bpf/take_all.h), which
// the first tile beats with the oldest of all sign_of_life()s: when any tile hangs the host's stack gets
// everything.
//
// detach() does nothing: the XDP program is the owner's, which takes it off the interface before any group is
// stopped. As a Receiver its counters are those of its queues and its return tile.
//
// Thread safety: post(), post_mark(), heeded(), sign_of_life(), snapshot() and queue_loads() from any thread;
// the rest is one thread's, the net tile's.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/classify/classifier.h"
#include "engine/metrics/queue_load.h"
#include "engine/receive/port_list.h"
#include "engine/receive/receiver.h"
#include "engine/receive/xsk_receive.h"
#include "engine/tiles/return_path.h"
#include "engine/xdp/receiver_program.h"
#include "engine/xsk/socket.h"
#include "engine/xsk/system.h"
#include "engine/xsk/umem.h"

namespace penstock {

// How a group shows the dead-man's switch of its program that it comes round.
enum class LifeSign : std::uint8_t {
  kNone,   // the first: its owner beats the program's clock at each poll
  kTold,   // by sign_of_life(), to its owner
  kBeats,  // the program's clock itself: the only group of its interface, and not the first
};

struct QueueGroupConfig {
  Filter filter = Filter::kKernel;
  LifeSign life_sign = LifeSign::kNone;
  AttachMode attach_mode = AttachMode::kNative;  // of the program, for mode()
  XskConfig socket;                              // of each; `queue` is set
  std::uint32_t first_queue = 0;
  std::uint32_t queues = 1;
  std::uint32_t first_frame = 0;      // of the queues' frames, one queue's behind the other's
  std::uint32_t frames_of_queue = 0;  // at most half as many as its fill ring has entries
  ReturnPathConfig return_path;       // with the userspace filter
  std::uint32_t consumer_frame = 0;   // Receiver::first_consumer_frame()
  std::uint32_t max_payload = 1472;
};

class QueueGroup final : public Receiver {
 public:
  // Binds the sockets and puts them into the XSKMAP of the program, which is not attached yet. Both are
  // borrowed and must outlive this.
  static Result<std::unique_ptr<QueueGroup>> open(const QueueGroupConfig& config, Classifier classifier,
                                                  const PortPlaces& places, const Umem& umem,
                                                  ReceiverProgram& program);

  std::span<const Frag> poll() override;
  void give_back(std::span<const Frag> frags) override { receive_->give_back(frags); }
  Status wait(Nanoseconds timeout) override { return wait(timeout, -1); }
  // Also wakes when `also` is readable, unless it is -1. Never sleeps longer than the dead-man's switch
  // allows.
  Status wait(Nanoseconds timeout, int also);
  Status drive() override { return receive_->drive(); }
  Status frames_by_cpu(std::vector<std::uint64_t>& frames) const override {
    return program_->frames_by_cpu(frames);
  }
  Status refresh_counters() override;
  void detach() override {}
  void stop() override;
  CounterSnapshot snapshot() const override;
  Path path() const override;
  std::string mode() const override;

  // What is ours from the next poll() on. It takes the place of a change that was not heeded yet.
  void post(Classifier classifier, const PortPlaces& places);
  // Marks what the RX rings then hold; heeded() once poll() has taken all of it.
  void post_mark();
  bool heeded() const {
    return heeded_.load(std::memory_order_acquire) == posted_.load(std::memory_order_relaxed);
  }
  // Takes what was posted now; poll() does it otherwise.
  void heed();

  // When poll() last came round, or the return tile behind it if that is longer ago; CLOCK_MONOTONIC, coarse.
  // Always now where both beat the program's clocks themselves.
  Nanoseconds sign_of_life() const;

  std::vector<QueueLoad> queue_loads() const;
  std::uint32_t queues() const { return static_cast<std::uint32_t>(sockets_.size()); }
  // Null with the kernel filter.
  ReturnPath* return_path() { return return_path_.get(); }

 private:
  struct Change {
    Classifier classifier;
    PortPlaces places;
  };

  QueueGroup() = default;
  Status open_sockets(const QueueGroupConfig& config, const Umem& umem, ReceiverProgram& program,
                      std::vector<XskReceive::Queue>& queues);

  Filter filter_ = Filter::kKernel;
  AttachMode attach_mode_ = AttachMode::kNative;
  const ReceiverProgram* program_ = nullptr;
  std::string interface_;
  KernelXskSystem system_;
  CoarseClock clock_;
  bool gives_signs_ = false;                 // of life: behind the userspace filter, not with kNone
  mutable __u64 polled_ = PENSTOCK_NO_TILE;  // clocks as the program has them, with kTold
  mutable __u64 returned_ = PENSTOCK_NO_TILE;
  EngineClock poll_clock_;  // into one of them or the program's

  std::atomic<std::uint32_t> posted_{0};  // changes and marks, counted
  std::atomic<std::uint32_t> heeded_{0};
  std::uint32_t taken_ = 0;  // of posted_, by the net tile
  bool draining_ = false;    // up to the mark
  std::mutex mail_;          // the next two
  std::optional<Change> change_;
  bool mark_ = false;

  // In this order, so that going away ends the return tile, then closes the sockets.
  std::vector<XskSocket> sockets_;
  std::unique_ptr<XskReceive> receive_;
  std::unique_ptr<ReturnPath> return_path_;
};

}  // namespace penstock
