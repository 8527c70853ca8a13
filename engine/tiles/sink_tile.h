// The sink tile: the simplest consumer of the net tile's links. Counts datagrams and bytes, and sums them up
// as a digest when asked to (engine/packet/digest.h), by which a testbed knows that each arrived once and
// whole.
//
//   net tile -> links -> this tile
//
// A datagram is digested from a copy, and only if the link says afterwards that its frame was not given to
// anybody else meanwhile; one that was is counted as overrun{sink}.
//
// For a testbed, too, it can say how old datagrams are when it takes them: the sender writes the time at
// which each leaves, CLOCK_MONOTONIC of this host in nanoseconds, host order, into the last 8 bytes of the
// payload.
//
// Account, exactly, once the tile has caught up: what the net tile published, by either way, is
//   sink_consumed + overrun{sink}
//
// Ownership: borrows lines and memory; owns its counters. Thread safety: step(), digest() and latency() from
// one thread, or the last two after that has ended; counters() from any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>

#include "engine/base/clock.h"
#include "engine/base/latency_histogram.h"
#include "engine/mcache/mcache.h"
#include "engine/metrics/counters.h"
#include "engine/packet/digest.h"
#include "engine/receive/receiver.h"
#include "engine/tiles/link_input.h"
#include "engine/tiles/tile.h"
#include "engine/xsk/umem.h"

namespace penstock {

class SinkTile final : public Tile {
 public:
  // Datagrams that one step takes from a link at most.
  static constexpr std::size_t kBatch = 64;

  struct Wishes {
    bool digest = false;
    bool latency = false;
  };

  explicit SinkTile(const FrameMemory& memory) : SinkTile(memory, Wishes{}) {}
  SinkTile(const FrameMemory& memory, const Wishes& wishes) : memory_(memory), wishes_(wishes) {}

  // Before the first step. Lines and marks are borrowed; without marks no hops are counted.
  void read(std::span<const McacheLine> lines, std::span<const McacheLine> marks = {}) {
    inputs_.emplace_back(lines, Consumer::kSink, marks);
  }

  std::size_t step(Nanoseconds now) override;

  const Counters& counters() const { return counters_; }
  // Of the IPv4 datagrams that were consumed; empty unless asked for.
  const MultisetDigest& digest() const { return digest_; }
  // Of the datagrams of 8 bytes and more that were consumed; empty unless asked for.
  const LatencyHistogram& latency() const { return latency_; }

 private:
  void take(LinkInput& input, const Frag& frag);
  std::optional<Nanoseconds> age_of(std::span<const std::byte> payload) const;

  FrameMemory memory_;
  Wishes wishes_;
  MonotonicClock clock_;
  std::deque<LinkInput> inputs_;  // they do not move
  Counters counters_;
  MultisetDigest digest_;
  LatencyHistogram latency_;
  // The longest payload of a 4 KiB chunk, and room for whole words around it.
  alignas(64) std::array<std::byte, 4096 + 16> copy_;
};

}  // namespace penstock
