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
//   kOwn       one socket a port on every local address (0.0.0.0), held alone
//   kExternal  another program holds the ports; this object only looks whether that is so
//   kOff       nothing is bound: what the fast path passes to these ports is refused by the kernel
//
// Its sockets, frames and accounts are those of udp_sockets.h, counted apart from the rings' (slow_way_*).
//
// Thread safety: none; the thread that polls the receiver, but for hold_port().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "engine/base/result.h"
#include "engine/metrics/counters.h"
#include "engine/privilege/own_privileges.h"
#include "engine/receive/receiver.h"
#include "engine/receive/udp_sockets.h"
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
  Privileges* privileges = own_privileges();  // who opens the sockets
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
  // In two halves: what takes time, on any thread, and the rest.
  Result<PortHold> hold_port(std::uint16_t port) const;
  Status add_port(PortHold hold, std::uint8_t index);

  // Lets go of the port of `index`, as soon as poll() has handed out what its buffer holds.
  void remove_port(std::uint8_t index);

  // Whether a port that was removed is still held.
  bool letting_go() const { return sockets_->letting_go(); }

  // Takes up to kBatch datagrams, fairly from all ports; empty when none is there or no frame is free.
  // The span is valid until the next poll().
  std::span<const Frag> poll() { return sockets_->poll(); }

  // Puts the frames of `frags` into the free list.
  void give_back(std::span<const Frag> frags) { sockets_->give_back(frags); }

  // Readable when poll() may find something; -1 when it cannot: no port is held, or no frame is free.
  int wait_fd() const { return sockets_->wait_fd(); }

  // Copies the kernel's drop counts into the counters.
  Status read_drops() { return sockets_->read_drops(); }

  Companion mode() const { return config_.mode; }
  std::size_t free_frames() const { return sockets_->free_frames(); }
  // The port that has the index, unless it was removed; 0: none.
  std::uint16_t port_at(std::uint8_t index) const {
    return config_.mode == Companion::kExternal ? elsewhere_[index].port : sockets_->port_at(index);
  }
  // In mode kExternal: whether somebody held the port of `index` when it was added. False means that
  // what the fast path leaves is answered with ICMP port-unreachable.
  bool held_elsewhere(std::uint8_t index) const { return elsewhere_[index].held; }

 private:
  // A port in mode kExternal.
  struct Elsewhere {
    std::uint16_t port = 0;
    bool held = false;
  };

  CompanionSocket(const CompanionConfig& config, std::unique_ptr<UdpSockets> sockets)
      : config_(config), sockets_(std::move(sockets)) {}

  static Error with_fix(Error error);

  CompanionConfig config_;
  std::unique_ptr<UdpSockets> sockets_;
  std::array<Elsewhere, kMaxPorts> elsewhere_;
};

}  // namespace penstock
