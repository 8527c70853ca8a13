// UDP sockets on the engine's ports, read with recvmmsg() into frames of the pool: what the companion socket
// and the UDP receiver share.
//
// One socket a port on every local address (0.0.0.0), held alone: no SO_REUSEADDR or SO_REUSEPORT, so that
// two owners of a port are an error and not a lottery.
//
// Accounts, under the counters that the owner names (SocketCounters):
//   rx = published{port} + discarded{reason}
// A datagram longer than max_payload is discarded as `oversize`, as on every other path. What the kernel
// dropped at the socket is read from SO_MEMINFO: the count that SO_RXQ_OVFL tells too, but that one needs a
// further datagram to tell it. It holds full buffers and bad UDP checksums alike.
//
// Frames: `frames` of the receiver's pool lie in a free list here. poll() takes a frame out with each
// frag, give_back() puts one in, not necessarily the same; the number stays. Without a free frame
// nothing is read, and the kernel's buffer holds the datagrams or drops and counts them.
//
//   chunk   | 256, as for AF_XDP frames | payload ... |
//
// No allocation per datagram; system calls per batch. Must be used in the network namespace of the interface.
// CAP_NET_ADMIN lets the buffer exceed net.core.rmem_max.
//
// Thread safety: none; the thread that polls the receiver, but for hold_port().
#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <netinet/in.h>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/metrics/counters.h"
#include "engine/privilege/own_privileges.h"
#include "engine/receive/receiver.h"
#include "engine/xsk/umem.h"

namespace penstock {

// Under which names datagrams are counted.
struct SocketCounters {
  Counter rx;
  Counter published;
  std::optional<Counter> published_bytes;
  Counter discarded;
  Counter dropped;
};

struct UdpSocketsConfig {
  std::uint32_t max_payload = 1472;       // a longer datagram is discarded as `oversize`
  std::uint32_t buffer_bytes = 8u << 20;  // SO_RCVBUF of each socket; a shred costs 2,304 bytes of it (m)
  std::size_t batch = Receiver::kBatch;   // most frags of one poll(), at most kBatch
  WayIn way = WayIn::kSocket;
  std::uint8_t queue = 0;  // what Frag::queue says
  SocketCounters counters;
  Privileges* privileges = own_privileges();  // who opens the sockets
};

// What the kernel has dropped at a socket so far.
Result<std::uint64_t> dropped_at(int fd);
// What its buffer holds of datagrams that were not taken yet, in bytes of the kernel's own account.
Result<std::uint64_t> bytes_waiting_at(int fd);
// Drops summed over ports: each has an `fd`, which may be empty.
template <typename Ports>
Result<std::uint64_t> dropped_at_ports(const Ports& ports) {
  std::uint64_t total = 0;
  for (const auto& port : ports) {
    if (!port.fd) continue;
    const Result<std::uint64_t> drops = dropped_at(port.fd.get());
    if (!drops) return tl::unexpected(drops.error());
    total += *drops;
  }
  return total;
}
// The destination address of a received message, whose only control message is IP_PKTINFO.
Ipv4Address pktinfo_destination(const cmsghdr* control);

class UdpSockets {
 public:
  // `memory` and `counters` are borrowed and must outlive this. `frames` are this object's to lend from
  // now on. No port is held yet. REQUIRES: max_payload fits behind the headroom of a chunk.
  static Result<std::unique_ptr<UdpSockets>> open(const UdpSocketsConfig& config, const FrameMemory& memory,
                                                  std::span<const std::uint32_t> frames, Counters& counters);

  UdpSockets(const UdpSockets&) = delete;
  UdpSockets& operator=(const UdpSockets&) = delete;

  // Holds `port`. `index` is its place in counters and frags. REQUIRES: index < kMaxPorts, and no port has
  // it that was not removed.
  Status add_port(std::uint16_t port, std::uint8_t index);
  // The same with a socket that hold_port() has given.
  Status add_port(PortHold hold, std::uint8_t index);
  // The first half of it, on any thread. Errors: EADDRINUSE, also for a port that is not quite let go.
  Result<PortHold> hold_port(std::uint16_t port) const;
  // Lets go of the port of `index`, as soon as poll() has handed out what its buffer holds.
  void remove_port(std::uint8_t index);

  // Takes up to `batch` datagrams, fairly from all ports; empty when none is there or no frame is free.
  // The span is valid until the next poll().
  std::span<const Frag> poll();
  // Puts the frames of `frags` into the free list.
  void give_back(std::span<const Frag> frags);

  // Readable when poll() may find something; -1 when it cannot: no port is held, or no frame is free.
  int wait_fd() const;
  // Copies the kernel's drop counts into the counters.
  Status read_drops();

  // Whether a port that was removed still has its socket.
  bool letting_go() const {
    return std::any_of(ports_.begin(), ports_.end(), [](const Port& port) { return port.closing; });
  }
  std::size_t free_frames() const { return free_.size(); }
  // The port that has the index, unless it was removed; 0: none.
  std::uint16_t port_at(std::uint8_t index) const {
    return ports_[index].closing ? std::uint16_t{0} : ports_[index].number;
  }

 private:
  struct Port {
    UniqueFd fd;
    std::uint16_t number = 0;  // host order; 0: none
    bool closing = false;
  };
  // What recvmmsg() needs for one datagram.
  struct Slot {
    sockaddr_in source;
    iovec vector;
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in_pktinfo))> control;
  };

  UdpSockets(const UdpSocketsConfig& config, const FrameMemory& memory, std::span<const std::uint32_t> frames,
             Counters& counters);
  // Appends up to `most` datagrams of a port to frags_, behind the first `taken`; returns the new
  // number taken.
  std::size_t receive(std::uint8_t index, std::size_t most, std::size_t taken);
  void prepare(std::size_t first_free, std::size_t count);
  // True when the datagram in slot `i` is to be published and `frag` was filled; counted either way.
  bool judge(std::uint8_t index, std::size_t i, std::uint32_t frame, Frag& frag);
  Status close_port(Port& port);

  UdpSocketsConfig config_;
  FrameMemory memory_;
  Counters& counters_;
  UniqueFd epoll_;
  std::array<Port, kMaxPorts> ports_;
  std::size_t held_ = 0;  // sockets open
  std::uint64_t drops_of_closed_ = 0;
  std::size_t capacity_;             // frames of this object
  std::vector<std::uint32_t> free_;  // never grows beyond capacity_
  std::array<Slot, Receiver::kBatch> slots_;
  std::array<mmsghdr, Receiver::kBatch> messages_;
  std::array<Frag, Receiver::kBatch> frags_;
};

}  // namespace penstock
