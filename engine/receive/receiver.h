// Receiver: the way in. Whatever brings datagrams (AF_XDP with either filter, io_uring, UDP), its user sees
// frags: places in a frame pool, taken by poll() and returned by give_back().
//
//   while (running) {
//     std::span<const Frag> frags = receiver.poll();
//     if (frags.empty()) { receiver.wait(50 * kMillisecond); continue; }
//     for (const Frag& frag : frags) consume(receiver.payload(frag));
//     receiver.give_back(frags);
//   }
//
// Ownership of a frame: the pool's until poll() hands it out in a Frag; the caller's from then on,
// over later polls too; the pool's again after give_back(). A frame that is never given back is one
// that the kernel can no longer fill: loss then shows as rx_dropped, never as overwritten memory.
//
// Every datagram that poll() hands out was counted as `published` (or `slow_way_published`) under its
// port; every frame that came in and was not handed out was counted under filter_pass or discarded
// (metrics/counters.h).
//
// Another list of ports while it runs takes two calls: hold_ports() on any other thread, which may take its
// time, then take_ports() between two polls.
//
// The end, when nothing on its way in is to be lost: detach(), poll() until it is empty, stop(). Going away
// without that is as safe for the host, and loses what is in the rings.
//
// Thread safety: none; one thread polls, gives back, waits, refreshes, takes ports and ends. snapshot() may
// be taken from any thread, and hold_ports() called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/metrics/counters.h"
#include "engine/packet/address.h"
#include "engine/xsk/umem.h"

namespace penstock {

// The receive paths by the names that result.json and the configuration use.
enum class Path : std::uint8_t { kKernelFilter, kUserspaceFilter, kIoUring, kUdp };

std::string_view to_string(Path path);           // "kernel_filter", "userspace_filter", "io_uring", "udp"
Result<Path> parse_path(std::string_view name);  // errors name the valid ones

// How one datagram came in.
enum class WayIn : std::uint8_t {
  kAfXdp,      // through an RX ring
  kCompanion,  // the slow way: through the companion socket, perhaps after later ones of its flow
  kSocket,     // through a UDP socket that is the way in (io_uring, udp)
};

// Whether a path takes frames off the interface with AF_XDP, or datagrams from the host's stack.
constexpr bool is_af_xdp(Path path) {
  return path == Path::kKernelFilter || path == Path::kUserspaceFilter;
}

// One received datagram; 24 bytes. The payload is at frame * frame_bytes + offset of the pool.
struct Frag {
  std::uint32_t frame = 0;   // number of the frame in the pool
  std::uint16_t offset = 0;  // of the payload, from the start of the frame's chunk
  std::uint16_t length = 0;  // of the payload, as the UDP header says
  Ipv4Address source;        // zero when ip_version is 6: the frame has them, Receiver::ipv6_source()
  Ipv4Address destination;
  std::uint16_t source_port = 0;       // host order
  std::uint16_t destination_port = 0;  // host order
  std::uint8_t queue = 0;  // whose frame it is, for give_back(): a fill ring, or behind them the companion's
  std::uint8_t ip_version = 4;  // 4 or 6
  std::uint8_t port_index = 0;  // position of destination_port in the configured ports
  WayIn way = WayIn::kAfXdp;
};
static_assert(sizeof(Frag) == 24 && std::is_trivially_copyable_v<Frag>);

// What a port takes of the host before a receiver can have it.
struct PortHold {
  std::uint16_t port = 0;
  UniqueFd fd{};                // a socket on it; none where the receiver holds no ports
  bool held_elsewhere = false;  // with Companion::kExternal: somebody has it
};

class Receiver {
 public:
  // Most frags that one poll() returns: large enough to share the cost of a ring update and of a
  // system call, small enough that a batch of headers stays in the L1 cache.
  static constexpr std::size_t kBatch = 64;

  virtual ~Receiver() = default;

  // Takes up to kBatch datagrams; empty when none is there. The span is valid until the next poll().
  virtual std::span<const Frag> poll() = 0;

  // Returns the frames of `frags`, each to the fill ring of frag.queue: nothing else of a frag is looked at.
  // Any frames that poll() handed out and that were not given back yet, in any order and any grouping.
  virtual void give_back(std::span<const Frag> frags) = 0;

  // Sleeps until a frame may be there, at most `timeout`. Errors: the interface went down or away.
  virtual Status wait(Nanoseconds timeout) = 0;

  // Has the kernel receive from within this call, for a thread that never sleeps (WaitStrategy::kBusyPoll).
  // Errors as those of wait().
  virtual Status drive() { return wait(0); }

  // The frames that the kernel's receive side has handled on each CPU so far, by which its user can tell
  // where that runs; empty where nobody counts them.
  virtual Status frames_by_cpu(std::vector<std::uint64_t>& frames) const {
    frames.clear();
    return {};
  }

  // Copies what the kernel counts (XDP program, XDP_STATISTICS) into what snapshot() shows.
  virtual Status refresh_counters() = 0;

  // Follows the host: puts changed addresses into force and says whether there were any. Never blocks. A
  // receiver that does not go by the host's addresses has nothing to do. `now`: of any monotonic clock,
  // always the same.
  virtual Result<bool> refresh_policy(Nanoseconds /*now*/) { return false; }

  // Holds ports that are to be listed, none of which is. Errors: ENOTSUP for a way in whose ports are for
  // good; those of opening it with them.
  virtual Result<std::vector<PortHold>> hold_ports(std::span<const std::uint16_t> /*added*/) const {
    return no_other_ports();
  }
  // Another list of ports in place of the present one; `holds` are those of the ports that are added. On an
  // error every port listed before is received as before.
  // NOLINTNEXTLINE(performance-unnecessary-value-param): who takes them owns the sockets
  virtual Status take_ports(std::span<const std::uint16_t> /*ports*/, std::vector<PortHold> /*holds*/) {
    return no_other_ports();
  }
  // Whether the last change is at its end: the kernel has the list, and what was removed has been let go.
  virtual bool ports_settled() const { return true; }

  // Takes the receiver off the wire: what arrives from here on is the host's. poll() goes on handing out
  // what had come in.
  virtual void detach() = 0;
  // Ends what runs beside the polling thread, drained, so that a snapshot() is final. Call it after
  // detach() and the last poll(); may be called again, to no effect.
  virtual void stop() = 0;

  // All counters, over all threads of the receiver; the kernel's as of the last refresh_counters().
  virtual CounterSnapshot snapshot() const { return counters_.snapshot(); }

  virtual Path path() const = 0;
  // How the kernel delivers: "native copy", "generic copy", "native zero-copy", "multishot", "recvmmsg".
  virtual std::string mode() const = 0;

  const FrameMemory& memory() const { return memory_; }
  // The first of the frames that its user asked for beyond the receiver's own (`consumer_frames` of its
  // configuration), for the links behind it. They are the user's from the start.
  std::uint32_t first_consumer_frame() const { return first_consumer_frame_; }

  std::span<const std::byte> payload(const Frag& frag) const {
    return {memory_.base + memory_.address_of(frag.frame) + frag.offset, frag.length};
  }

  // The addresses of a frag whose ip_version is 6, read from the headers that stand before its payload.
  Ipv6Address ipv6_source(const Frag& frag) const { return ipv6_address(frag, 8 + 32); }
  Ipv6Address ipv6_destination(const Frag& frag) const { return ipv6_address(frag, 8 + 16); }

 protected:
  Counters counters_;
  FrameMemory memory_;
  // hold_ports() by a call for one: all of `ports`, or none.
  template <typename Hold>
  static Result<std::vector<PortHold>> hold_each(std::span<const std::uint16_t> ports, const Hold& hold_one) {
    std::vector<PortHold> holds;
    for (const std::uint16_t port : ports) {
      Result<PortHold> hold = hold_one(port);
      if (!hold) return tl::unexpected(hold.error());
      holds.push_back(std::move(*hold));
    }
    return holds;
  }

  std::uint32_t first_consumer_frame_ = 0;

 private:
  tl::unexpected<Error> no_other_ports() const;
  Ipv6Address ipv6_address(const Frag& frag, std::size_t before_payload) const {
    Ipv6Address address;
    std::memcpy(address.bytes.data(), payload(frag).data() - before_payload, address.bytes.size());
    return address;
  }
};

}  // namespace penstock
