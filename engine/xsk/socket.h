// One AF_XDP socket on one queue of one interface: for receiving, for sending (the testbed does), or both.
//
// open() follows the order of Documentation/networking/af_xdp.rst and of docs/architecture.md:
// socket, UMEM registration, ring sizes, ring mapping, fill ring written, bind. The socket gets no
// frame before it is also in the program's XSKMAP (engine/xdp).
//
// Ownership: owns the descriptor and the ring mappings, borrows the UMEM. The frames of
// `initial_fill` are the kernel's from bind on.
//
// Errors: those of each step, with what to do. EBUSY at bind is retried for up to a second, because
// the kernel frees the queue of a socket that has just been closed only some milliseconds later.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/privilege/own_privileges.h"
#include "engine/xsk/busy_poll.h"
#include "engine/xsk/ring.h"
#include "engine/xsk/umem.h"

namespace penstock {

// How the kernel fills frames. Exactly one is asked of bind(): with neither flag the kernel steps
// down from zero-copy silently.
enum class XskMode : std::uint8_t { kCopy, kZeroCopy };

struct XskConfig {
  unsigned interface_index = 0;
  std::string interface;  // for messages
  std::uint32_t queue = 0;
  std::uint32_t rx_entries = 4096;    // power of two; 0: no RX ring
  std::uint32_t fill_entries = 8192;  // power of two; twice the RX ring, or a burst can find it empty
  std::uint32_t tx_entries = 0;       // power of two; 0: no TX ring
  XskMode mode = XskMode::kCopy;
  BusyPoll busy_poll{};
  Privileges* privileges = own_privileges();  // who opens the bare socket
};

class XskSocket {
 public:
  static Result<XskSocket> open(const XskConfig& config, const Umem& umem,
                                std::span<const std::uint32_t> initial_fill);

  XskSocket(XskSocket&&) noexcept = default;
  XskSocket& operator=(XskSocket&&) noexcept = default;

  int fd() const { return fd_.get(); }
  std::uint32_t queue() const { return queue_; }
  // What the kernel says it does (XDP_OPTIONS), not what was asked.
  XskMode mode() const { return mode_; }
  const RingMemory<std::uint64_t>& fill_memory() const { return fill_; }
  const RingMemory<xdp_desc>& rx_memory() const { return rx_; }
  // The completion ring has as many entries as the TX ring.
  const RingMemory<xdp_desc>& tx_memory() const { return tx_; }
  const RingMemory<std::uint64_t>& completion_memory() const { return completion_; }

 private:
  // One mapped ring; unmapped when it goes.
  class Mapping {
   public:
    Mapping(void* start, std::size_t bytes) : start_(start), bytes_(bytes) {}
    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&& other) noexcept;
    ~Mapping();

   private:
    void* start_;
    std::size_t bytes_;
  };

  XskSocket() = default;
  Status register_umem(const FrameMemory& memory);
  Status set_ring_sizes(const XskConfig& config);
  Status map_rings(const XskConfig& config);
  Status bind(const XskConfig& config);
  Status read_mode();

  // In this order, so that the socket is closed before its rings are unmapped.
  std::vector<Mapping> mappings_;
  UniqueFd fd_;
  std::uint32_t queue_ = 0;
  XskMode mode_ = XskMode::kCopy;
  RingMemory<std::uint64_t> fill_;
  RingMemory<xdp_desc> rx_;
  RingMemory<xdp_desc> tx_;
  RingMemory<std::uint64_t> completion_;
};

}  // namespace penstock
