// The UDP receiver: recvmmsg() on plain UDP sockets, for hosts that have nothing faster.
//
// The iovecs of recvmmsg() are its fill ring: a frame of the pool is lent to the kernel for the length of one
// call. What the sockets are given is what Linux gives any UDP socket, reassembled and checked, so there is
// neither a classifier nor a companion socket.
//
// Account (docs/architecture.md, laws): offered = ring_drop + host_passed + socket_rx + socket_drop +
// host_refused{reason}, and socket_rx = published{port} + discarded{reason}.
//
// Must be opened in the network namespace whose traffic it is to receive. Needs no capability; CAP_NET_ADMIN
// lets the buffers exceed net.core.rmem_max, and where they come out smaller than asked, open() says so.
//
// Thread safety: as Receiver.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/privilege/own_privileges.h"
#include "engine/receive/port_list.h"
#include "engine/receive/receiver.h"
#include "engine/receive/udp_sockets.h"
#include "engine/xsk/umem.h"

namespace penstock {

// Of both receivers over sockets.
struct SocketReceiverConfig {
  std::vector<std::uint16_t> ports{};  // host order; at most kMaxPorts
  std::uint32_t frames = 4096;         // to receive into; for io_uring a power of two, at most 32,768
  std::uint32_t consumer_frames = 0;   // for the user's own links, behind those
  std::uint32_t frame_bytes = kDefaultFrameBytes;
  std::uint32_t max_payload = 1472;
  std::uint32_t buffer_bytes = 32u << 20;     // SO_RCVBUF of each socket: about 14,500 shreds
  Privileges* privileges = own_privileges();  // who opens the sockets
};

class UdpReceiver final : public Receiver {
 public:
  // Errors: a list of ports that is none (port_list.h), a port that somebody else holds, a buffer that is
  // not granted, no memory.
  static Result<std::unique_ptr<UdpReceiver>> open(const SocketReceiverConfig& config);

  std::span<const Frag> poll() override { return sockets_->poll(); }
  void give_back(std::span<const Frag> frags) override { sockets_->give_back(frags); }
  Status wait(Nanoseconds timeout) override;
  Status refresh_counters() override { return sockets_->read_drops(); }
  // Each port is let go when poll() has found its buffer empty; until then it still receives.
  void detach() override;
  void stop() override {}
  Result<std::vector<PortHold>> hold_ports(std::span<const std::uint16_t> added) const override;
  Status take_ports(std::span<const std::uint16_t> ports, std::vector<PortHold> holds) override;
  bool ports_settled() const override { return !sockets_->letting_go(); }
  Path path() const override { return Path::kUdp; }
  std::string mode() const override { return "recvmmsg"; }

 private:
  UdpReceiver() = default;

  PortList ports_;
  std::unique_ptr<Umem> umem_;
  std::unique_ptr<UdpSockets> sockets_;
};

}  // namespace penstock
