// The io_uring receiver: one multishot recvmsg() a port, into a ring of provided buffers.
//
//   give_back() ─► buffer ring (its fill ring) ─► kernel: datagram into the next buffer ─► completion queue
//        ▲                                                                                     │ poll()
//        └──────────────────────────────── the caller's hands ◄── Frag ◄──────────────────────┘
//
// Each buffer is a frame of the pool, known to the kernel by a number of 16 bits that is its own only while
// the kernel has it: the pool may have more frames. In front of the payload the kernel writes what recvmsg()
// would have given:
//
//   chunk   | 192 unused | io_uring_recvmsg_out 16 | sockaddr_in 16 | IP_PKTINFO 32 | payload ... |
//                                                                                   ^ 256, as for AF_XDP
//
// A request ends by itself when the buffer ring runs empty (ENOBUFS); datagrams then wait in the socket's
// buffer, and poll() asks again when there are frames. The completion queue has room for every frame and one
// ending of each request, so it cannot overflow.
//
// A port that is removed has its request cancelled, and asked anew as long as its socket's buffer still has
// datagrams; it is let go of when that is found empty.
//
// System calls: completions are made when this thread enters the kernel (IORING_SETUP_DEFER_TASKRUN). poll()
// does so only when it finds no completion and the kernel says that there is work (IORING_SQ_TASKRUN): none
// when idle, and one for all datagrams of a burst.
//
// Needs Linux 6.1 (recvmsg multishot 6.0, DEFER_TASKRUN 6.1) and io_uring to be enabled; open() names what is
// missing. What else is asked of the host, and the account, is as for the UDP receiver (udp_receiver.h).
//
// Thread safety: as Receiver. The thread that first polls or waits is the ring's for good, whoever opened it.
#pragma once

#include <liburing.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/unique_fd.h"
#include "engine/receive/port_list.h"
#include "engine/receive/receiver.h"
#include "engine/receive/udp_receiver.h"
#include "engine/xsk/umem.h"

namespace penstock {

class IoUringReceiver final : public Receiver {
 public:
  // Errors: as UdpReceiver::open(); ENOSYS, EPERM or EINVAL where the kernel lacks or forbids io_uring.
  static Result<std::unique_ptr<IoUringReceiver>> open(const SocketReceiverConfig& config);
  ~IoUringReceiver() override;

  std::span<const Frag> poll() override;
  void give_back(std::span<const Frag> frags) override;
  Status wait(Nanoseconds timeout) override;
  Status refresh_counters() override;
  // The sockets go on receiving until stop().
  void detach() override {}
  // Closes the sockets. On the thread that polls, their ports are free when it returns; the kernel ends a
  // ring that goes with its thread, or without this, only some milliseconds later.
  void stop() override;
  Result<std::vector<PortHold>> hold_ports(std::span<const std::uint16_t> added) const override;
  Status take_ports(std::span<const std::uint16_t> ports, std::vector<PortHold> holds) override;
  bool ports_settled() const override;
  Path path() const override { return Path::kIoUring; }
  std::string mode() const override { return "multishot"; }

 private:
  // What completions carry: the place of a port, or this beside it for the cancelling of its request.
  static constexpr std::uint64_t kCancelling = 0x100;

  struct Port {
    UniqueFd fd;
    std::uint16_t number = 0;
    bool asked = false;       // its request is with the kernel
    bool closing = false;     // removed, and not let go of yet
    bool cancelling = false;  // its request is being cancelled
  };

  IoUringReceiver() = default;
  Status open_memory(const SocketReceiverConfig& config);
  Status open_ring(std::uint32_t frames);
  // Makes the ring the calling thread's, once: until then the kernel takes no requests
  // (IORING_SETUP_R_DISABLED).
  void enable();
  // Hands a frame to the kernel under one of its numbers; shown to it by show_buffers().
  void add_buffer(std::uint32_t frame);
  // What `frame` starts with when it is a buffer.
  std::byte* buffer_of(std::uint32_t frame) const;
  void show_buffers();
  Result<PortHold> hold_port(std::uint16_t port) const;
  // Lets go of the ports that were removed, as far as they are empty.
  void let_go();
  // Puts a request in for every port that has none and is not let go of, as long as there are buffers.
  void ask();
  io_uring_sqe* next_request();
  // What is in the completion queue; returns how many frags were made.
  std::size_t take_completions();
  // True when `frag` was filled; the buffer is the kernel's again if not.
  bool take(const io_uring_cqe& completion, Frag& frag);

  std::uint32_t max_payload_ = 0;
  std::uint32_t buffer_bytes_ = 0;
  Privileges* privileges_ = nullptr;
  PortList list_;
  std::array<Port, kMaxPorts> ports_;  // by place
  msghdr message_{};  // says how much room names and control messages need; the kernel reads it once
  std::unique_ptr<Umem> umem_;
  bool ring_open_ = false;
  io_uring ring_{};
  io_uring_buf_ring* buffers_ = nullptr;
  std::size_t buffers_bytes_ = 0;
  std::uint32_t frames_ = 0;  // that it receives into
  bool enabled_ = false;
  std::vector<std::uint32_t> frame_of_;  // by the kernel's number
  std::vector<std::uint16_t> numbers_;   // not in use
  std::uint32_t with_kernel_ = 0;        // frames in the buffer ring, as far as completions tell
  std::uint16_t added_ = 0;              // buffers added and not shown yet
  std::uint64_t drops_of_closed_ = 0;
  Status broken_;  // an error of a request; told by wait()
  std::array<Frag, kBatch> frags_;
};

}  // namespace penstock
