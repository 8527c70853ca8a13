// The sink tile: the simplest consumer of the net tile's links. Counts datagrams and bytes, and sums them up
// as a digest when asked to (engine/packet/digest.h), by which a testbed knows that each arrived once and
// whole.
//
//   net tile -> links -> this tile
//
// A datagram is digested from a copy, and only if the link says afterwards that its frame was not given to
// anybody else meanwhile; one that was is counted as overrun{sink}.
//
// Account, exactly, once the tile has caught up: what the net tile published, by either way, is
//   sink_consumed + overrun{sink}
//
// Ownership: borrows lines and memory; owns its counters. Thread safety: step() and digest() from one thread,
// or digest() after that has ended; counters() from any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>

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

  explicit SinkTile(const FrameMemory& memory, bool digest = false)
      : memory_(memory), wants_digest_(digest) {}

  // Before the first step. The lines are borrowed.
  void read(std::span<const McacheLine> lines) { inputs_.emplace_back(lines, Consumer::kSink); }

  std::size_t step(Nanoseconds now) override;

  const Counters& counters() const { return counters_; }
  // Of the IPv4 datagrams that were consumed; empty unless asked for.
  const MultisetDigest& digest() const { return digest_; }

 private:
  void take(LinkInput& input, const Frag& frag);

  FrameMemory memory_;
  bool wants_digest_;
  std::deque<LinkInput> inputs_;  // they do not move
  Counters counters_;
  MultisetDigest digest_;
  // The longest payload of a 4 KiB chunk, and room for whole words around it.
  alignas(64) std::array<std::byte, 4096 + 16> copy_;
};

}  // namespace penstock
