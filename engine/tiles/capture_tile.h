// The capture tile: one more consumer of the net tile's links, or of the shred tile's behind it, which writes
// what it reads to pcapng files (engine/capture/rotating_capture.h).
//
//   net tile -> links -----------------------+-> this tile -> FOLDER/penstock-NNNNNN.pcapng
//      (or) -> links -> shred tile, verdicts -+
//
// From the shred tile each datagram has the stage's verdict as its comment (verdict_link.h).
//
// A datagram is captured on one of two interfaces of the file, both Ethernet: libpcap reads no file whose
// interfaces differ, nor one with two of raw IP (as of 1.10.3).
//   kAsReceived  by AF_XDP: the frame as it came, but for what stood behind the UDP payload;
//   kRebuilt     by a socket (the slow way, io_uring, udp), where only payload and addresses are known:
//   headers
//                made of these, with MAC addresses, a time to live and a UDP checksum of 0.
//
// Its time is CLOCK_REALTIME when this tile took it: later than its arrival by as much as the tile is behind.
//
// A disk that is slow blocks this thread alone: it is overrun, which is counted, and nobody waits for it. It
// stands under no watchdog, since a disk that hangs is no reason to end the engine. A disk that refuses is
// asked again once a second; what comes meanwhile is counted and thrown away.
//
// Account, exactly, once the tile has caught up: what the net tile published, by either way, is
//   capture_written + capture_dropped + overrun{capture}
// and behind the shred tile the same is shred_consumed.
//
// Ownership: borrows lines and memory. Thread safety: step() from one thread; counters() and trouble() from
// any.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/capture/rotating_capture.h"
#include "engine/mcache/mcache.h"
#include "engine/metrics/counters.h"
#include "engine/receive/receiver.h"
#include "engine/tiles/link_input.h"
#include "engine/tiles/tile.h"
#include "engine/tiles/verdict_link.h"
#include "engine/xsk/umem.h"

namespace penstock {

class CaptureTile final : public Tile {
 public:
  // Datagrams that one step takes from a link at most.
  static constexpr std::size_t kBatch = 64;
  static constexpr Nanoseconds kPatience = kSecond;  // with a disk that has refused

  static constexpr std::uint32_t kAsReceived = 0, kRebuilt = 1;
  // Of each file. `name`: of the network interface, or of several together.
  static std::array<PcapngInterface, 2> interfaces(const std::string& name);

  // REQUIRES: files with the interfaces above.
  CaptureTile(const FrameMemory& memory, RotatingCapture files) : memory_(memory), files_(std::move(files)) {}

  // Before the first step. What is read is borrowed.
  void read(std::span<const McacheLine> lines) { inputs_.emplace_back(lines, memory_, false); }
  void read(const VerdictLink& judged) { inputs_.emplace_back(judged.lines(), judged.memory(), true); }

  std::size_t step(Nanoseconds now) override;

  // Of the files, from the next step on; from any thread.
  void set_limits(const RotatingCapture::Limits& limits);

  const Counters& counters() const { return counters_; }
  // Why nothing can be written now; empty while it can.
  std::string trouble() const;

 private:
  struct Input {
    Input(std::span<const McacheLine> lines, const FrameMemory& memory, bool judged)
        : link(lines, Consumer::kCapture), memory(memory), judged(judged) {}

    LinkInput link;
    FrameMemory memory;
    bool judged;  // its frags have verdicts
  };

  void take(Input& input, const Frag& frag, bool wanted);
  void write(Nanoseconds now);
  void set_trouble(std::string text);
  void heed_limits();

  FrameMemory memory_;
  RotatingCapture files_;
  std::deque<Input> inputs_;  // they do not move
  Counters counters_;
  std::vector<std::byte> blocks_;   // of this step
  std::uint64_t datagrams_ = 0;     // in them
  std::vector<std::byte> rebuilt_;  // one frame
  bool refused_ = false;            // by the disk, the last time
  Nanoseconds ask_again_at_ = 0;
  std::atomic<bool> has_new_limits_{false};
  mutable std::mutex lock_;  // the next two
  RotatingCapture::Limits new_limits_{};
  std::string trouble_;
  // The longest payload of a 4 KiB chunk with its headers, and room for whole words around it.
  alignas(64) std::array<std::byte, 4096 + 16> copy_;
};

}  // namespace penstock
