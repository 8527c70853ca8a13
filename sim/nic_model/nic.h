// A network card and the kernel behind it, up to the rings of the AF_XDP sockets: in one thread, on ordinary
// memory, with a clock that the caller moves. With it the engine's receive code runs without root.
//
//   arrive() ─► RSS ─► the queue's own ring ─► poll(): XDP program ─┬─► AF_XDP socket (FakeKernel)
//                      full: ring_drop                              └─► the host
//
// What it models, and where each fact is from:
//   queues        rss.h
//   own ring      `device_ring` descriptors a queue; a frame that finds it full is lost as ring_drop (the
//                 same name as veth's)
//   poll()        NAPI: at most `budget` frames of a queue, descriptors shown at its end
//   program       xdp_program.h
//   sockets       engine/xsk/testing/fake_kernel.h: copy mode, held to Linux by kernel_facts.h
//   waking        kNever        copy mode never sets XDP_RING_NEED_WAKEUP on the fill ring
//                 kOnEmptyFill  as zero-copy drivers do: a queue that finds no frame to fill stops, asks to
//                 be
//                               woken (`flag_delay` later: drivers set the flag after the engine may have
//                               tested it), and goes on at wake_rx(). Nothing is lost by that; the queue's
//                               own ring fills up meanwhile. No evidence about any driver.
//   wire          frames can be lost in front of the device, as wire_drop
//   channels      set_queues(), as `ethtool -L` does it: refused while a socket is bound to a queue that
//   would
//                 go (net/ethtool/channels.c); what stands in the own rings of queues that go is lost as
//                 queue_drop (veth frees it uncounted), and RSS spreads over the queues that there are
//   link          down: what stands in the queues' own rings and what arrives is lost as link_drop, and the
//                 sockets' calls say ENETDOWN; poll(2) never does
//   calls         each can be told to fail so many times (fail_calls)
// It has no host stack: frames for the host end at the callback. No fragments are put together, no socket
// or ARP answers, and so there is no companion socket.
//
// Account: offered = wire_drop + link_drop + queue_drop + Σ ring_drop + Σ rx_packets, and rx_packets = Σ
// xdp_pass{reason} + xdp_redirect + what came while no program was attached, once every queue is empty.
// Frames waiting in a queue's own ring are counted nowhere, as on veth.
//
// Ownership: borrows the sockets, the program and the bytes of frames, until they have left pending().
// Thread safety: none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <span>
#include <vector>

#include "engine/base/clock.h"
#include "engine/xsk/system.h"
#include "engine/xsk/testing/fake_kernel.h"
#include "sim/nic_model/xdp_program.h"

namespace penstock {

struct NicConfig {
  enum class Waking : std::uint8_t { kNever, kOnEmptyFill };

  std::uint32_t queues = 1;
  std::uint32_t device_ring = 256;
  std::uint32_t budget = 64;
  Waking waking = Waking::kNever;
  Nanoseconds flag_delay = 0;
};

// What one queue counts.
struct NicQueueCounters {
  std::uint64_t rx_packets = 0;  // taken by poll()
  std::uint64_t ring_drop = 0;   // found the queue's own ring full
  bool operator==(const NicQueueCounters&) const = default;
};

class NicModel final : public XskSystem {
 public:
  // The calls of the seam.
  enum class Call : std::uint8_t { kWake, kWait, kStatistics };
  static constexpr std::size_t kCalls = 3;

  using Host = std::function<void(std::span<const std::byte> frame)>;
  static constexpr Nanoseconds kNothingToDo = INT64_MAX;

  // `kernel` has the sockets that the program's XSKMAP names.
  NicModel(const NicConfig& config, FakeKernel& kernel, ModelProgram& program, Host host);

  // A frame comes in from the wire. False when it is lost.
  bool arrive(std::span<const std::byte> frame);
  // The queue that it would come into.
  std::uint32_t queue_of(std::span<const std::byte> frame) const;

  // Binds a socket to the queue, whether the XSKMAP names it or not. 0, or EBUSY: another one is.
  int bind(std::uint32_t queue);
  // As many RX queues from now on, up to ModelProgram::kSlots, with the indirection table as at the start. 0,
  // or EINVAL.
  int set_queues(std::uint32_t count);
  std::uint32_t queues() const { return active_; }

  // Faults. The next `frames` frames never reach the device. The link starts up; the indirection table starts
  // at queue 0 and is turned by `places`.
  void lose_on_wire(std::uint32_t frames) { to_lose_ = frames; }
  void set_link(bool up);
  bool link() const { return link_; }
  void rebalance(std::uint32_t places) { rotation_ = places; }
  // The next `times` calls of that kind answer `code`, an errno, and do nothing.
  void fail_calls(Call call, int code, std::uint32_t times);

  // Every queue once. Returns the frames taken.
  std::size_t poll(Nanoseconds now);

  // When poll() has something to do next, given that it has just been called: now, at a flag's time, or
  // never.
  Nanoseconds next_event(Nanoseconds now) const;

  // The queue whose frames poll() is at: for the host's callback.
  std::uint32_t polled_queue() const { return polled_queue_; }

  // Frames in the queues' own rings.
  std::size_t pending() const;
  NicQueueCounters counters(std::uint32_t queue) const { return queues_[queue].counters; }
  NicQueueCounters total() const;
  // Lost: on the wire; by a link that was down; with a queue that went.
  std::uint64_t wire_drop() const { return wire_drop_; }
  std::uint64_t link_drop() const { return link_drop_; }
  std::uint64_t queue_drop() const { return queue_drop_; }
  // Every frame that came to nothing before a poll took it, over all names.
  std::uint64_t lost_before_poll() const { return wire_drop_ + link_drop_ + queue_drop_ + total().ring_drop; }

  // As FakeKernel answers; a wake-up that succeeds starts a stopped queue.
  int wake_rx(int fd) override;
  int wait(std::span<const int> fds, Nanoseconds timeout) override;
  int statistics(int fd, xdp_statistics& out) override;

 private:
  struct Queue {
    std::deque<std::span<const std::byte>> ring;
    NicQueueCounters counters;
    bool stopped = false;       // found no frame to fill, and was not woken since
    int stopped_fd = -1;        // whose wake-up it waits for, also when the XSKMAP names it no more
    bool flag_pending = false;  // has not asked to be woken yet
    Nanoseconds flag_at = 0;
  };

  struct Fault {
    int code = 0;
    std::uint32_t times = 0;
  };

  std::size_t poll_queue(std::uint32_t number, Nanoseconds now);
  // The errno that this call is told to answer, or 0.
  int fault(Call call);
  // Whether the queue has to stop before its next frame.
  bool starved(int fd);
  void stop(Queue& queue, int fd, Nanoseconds now);

  NicConfig config_;
  FakeKernel& kernel_;
  ModelProgram& program_;
  Host host_;
  std::vector<Queue> queues_;      // those that went last, for their counters
  std::uint32_t active_;           // of them, from the first on
  std::set<std::uint32_t> bound_;  // queues with a socket
  std::array<Fault, kCalls> faults_{};
  bool link_ = true;
  std::uint32_t rotation_ = 0;
  std::uint32_t to_lose_ = 0;
  std::uint64_t wire_drop_ = 0, link_drop_ = 0, queue_drop_ = 0;
  std::uint32_t polled_queue_ = 0;
};

}  // namespace penstock
