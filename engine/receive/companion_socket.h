// The companion socket: plain UDP sockets on the receiver's own ports, beside AF_XDP.
//
// What the fast path leaves to the kernel and the kernel accepts still reaches the engine through it:
// reassembled fragments, IPv4 options, priority tags, loopback, a queue without an AF_XDP socket, a
// second interface. And because the ports are held, the kernel never answers with ICMP
// port-unreachable. This is the slow way: its frags are marked WayIn::kCompanion and counted apart.
//
// No payload comes twice: a frame that the XDP program redirects never reaches the stack, so what
// comes in here is exactly what the fast path did not take.
//
// Modes:
//   kOwn       one socket a port on every local address (0.0.0.0), held alone: no SO_REUSEADDR or
//              SO_REUSEPORT, so that two owners of a port are an error and not a lottery
//   kExternal  another program holds the ports; this object only looks whether that is so
//   kOff       nothing is bound: what the fast path passes to these ports is refused by the kernel
//
// Accounts, apart from those of the rings (metrics/counters.h):
//   slow_way_rx = slow_way_published{port} + slow_way_discarded{reason}
// A datagram longer than max_payload is discarded as `oversize`, as on every other path. What the
// kernel dropped at the socket is slow_way_dropped: read from SO_MEMINFO, which unlike SO_RXQ_OVFL needs
// no further datagram to tell. It holds full buffers and bad UDP checksums alike.
//
// Frames: `frames` of the receiver's pool lie in a free list here. poll() takes a frame out with each
// frag, give_back() puts one in, not necessarily the same; the number stays. Without a free frame
// nothing is read, and the kernel's buffer holds the datagrams or drops and counts them.
//
//   chunk   | 256, as for AF_XDP frames | payload ... |
//
// No allocation per datagram; system calls per batch. Must be opened in the network namespace of the
// interface. CAP_NET_ADMIN lets the buffer exceed net.core.rmem_max.
//
// Thread safety: none; the thread that polls the receiver.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <netinet/in.h>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/metrics/counters.h"
#include "engine/receive/receiver.h"
#include "engine/xsk/umem.h"

namespace penstock {

enum class Companion : std::uint8_t { kOwn, kExternal, kOff };

std::string_view to_string(Companion mode);                // "own", "external", "off"
Result<Companion> parse_companion(std::string_view name);  // errors name the valid ones

struct CompanionConfig {
  Companion mode = Companion::kOwn;
  std::uint32_t max_payload = 1472;  // a longer datagram is discarded as `oversize`
  // Of each socket. A shred costs 2,304 bytes of it (m): about 3,600 shreds, 0.9 s of mainnet, far more
  // than the slow way sees between two polls unless a queue has no AF_XDP socket.
  std::uint32_t buffer_bytes = 8u << 20;
};

class CompanionSocket {
 public:
  // Most frags of one poll(): half a batch of the receiver, so that the fast path keeps its share.
  static constexpr std::size_t kBatch = Receiver::kBatch / 2;

  // `memory` and `counters` are borrowed and must outlive this. `frames` are this object's to lend from
  // now on; `queue` is what Frag::queue says, which give_back() goes by. No port is held yet.
  // REQUIRES: max_payload fits behind the headroom of a chunk.
  static Result<std::unique_ptr<CompanionSocket>> open(const CompanionConfig& config,
                                                       const FrameMemory& memory,
                                                       std::span<const std::uint32_t> frames,
                                                       std::uint8_t queue, Counters& counters);

  CompanionSocket(const CompanionSocket&) = delete;
  CompanionSocket& operator=(const CompanionSocket&) = delete;

  // Holds `port` (kOwn), or looks who does (kExternal). `index` is the port's place in counters and
  // frags. Errors: EADDRINUSE when another program has it, with what to do; a buffer that the kernel
  // does not grant. REQUIRES: index < kMaxPorts, and no port has it that was not removed.
  Status add_port(std::uint16_t port, std::uint8_t index);

  // Lets go of the port of `index`, as soon as poll() has handed out what its buffer holds.
  void remove_port(std::uint8_t index);

  // Takes up to kBatch datagrams, fairly from all ports; empty when none is there or no frame is free.
  // The span is valid until the next poll().
  std::span<const Frag> poll();

  // Puts the frames of `frags` into the free list.
  void give_back(std::span<const Frag> frags);

  // Readable when poll() may find something; -1 when it cannot: no port is held, or no frame is free.
  int wait_fd() const;

  // Copies the kernel's drop counts into the counters.
  Status read_drops();

  Companion mode() const { return config_.mode; }
  std::size_t free_frames() const { return free_.size(); }
  // The port that has the index, unless it was removed; 0: none.
  std::uint16_t port_at(std::uint8_t index) const {
    return ports_[index].closing ? std::uint16_t{0} : ports_[index].number;
  }
  // In mode kExternal: whether somebody held the port of `index` when it was added. False means that
  // what the fast path leaves is answered with ICMP port-unreachable.
  bool held_elsewhere(std::uint8_t index) const { return ports_[index].held_elsewhere; }

 private:
  struct Port {
    UniqueFd fd;
    std::uint16_t number = 0;  // host order; 0: none
    bool closing = false;
    bool held_elsewhere = false;
  };
  // What recvmmsg() needs for one datagram.
  struct Slot {
    sockaddr_in source;
    iovec vector;
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in_pktinfo))> control;
  };

  CompanionSocket(const CompanionConfig& config, const FrameMemory& memory,
                  std::span<const std::uint32_t> frames, std::uint8_t queue, Counters& counters);
  // Appends up to `most` datagrams of a port to frags_, behind the first `taken`; returns the new
  // number taken.
  std::size_t receive(std::uint8_t index, std::size_t most, std::size_t taken);
  void prepare(std::size_t first_free, std::size_t count);
  // True when the datagram in slot `i` is to be published and `frag` was filled; counted either way.
  bool judge(std::uint8_t index, std::size_t i, std::uint32_t frame, Frag& frag);
  Status close_port(Port& port);

  CompanionConfig config_;
  FrameMemory memory_;
  Counters& counters_;
  UniqueFd epoll_;
  std::array<Port, kMaxPorts> ports_;
  std::size_t held_ = 0;  // sockets open
  std::uint64_t drops_of_closed_ = 0;
  std::uint8_t queue_;
  std::size_t capacity_;             // frames of this object
  std::vector<std::uint32_t> free_;  // never grows beyond capacity_
  std::array<Slot, kBatch> slots_;
  std::array<mmsghdr, kBatch> messages_;
  std::array<Frag, kBatch> frags_;
};

}  // namespace penstock
