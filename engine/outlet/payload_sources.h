// The two sources of payload_sink.h: links, and the shred stage.
//
// Account: what a sink is given = published - overrun{outlet}, or shred_accepted and what was rebuilt.
//
// Ownership: sinks, lines and memory are borrowed. Thread safety: as Tile and ResolverObserver.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "engine/mcache/mcache.h"
#include "engine/metrics/counters.h"
#include "engine/outlet/payload_sink.h"
#include "engine/shred/fec_resolver.h"
#include "engine/tiles/link_input.h"
#include "engine/tiles/tile.h"
#include "engine/xsk/umem.h"

namespace penstock {

// What the shred stage accepts and rebuilds.
class PayloadShreds final : public ResolverObserver {
 public:
  explicit PayloadShreds(std::vector<PayloadSink*> sinks) : sinks_(std::move(sinks)) {}
  void on_accepted(const AcceptedShred& shred) override;
  void on_finished(const FinishedSet& set) override;

 private:
  std::vector<PayloadSink*> sinks_;
};

// Every datagram of the links that it reads.
class PayloadTile final : public Tile {
 public:
  static constexpr std::size_t kBatch = 64;

  PayloadTile(const FrameMemory& memory, std::vector<PayloadSink*> sinks)
      : memory_(memory), sinks_(std::move(sinks)) {}

  // Before the first step. Without marks no hops are counted.
  void read(std::span<const McacheLine> lines, std::span<const McacheLine> marks = {}) {
    inputs_.emplace_back(lines, Consumer::kOutlet, marks);
  }

  std::size_t step(Nanoseconds now) override;

  const Counters& counters() const { return counters_; }

 private:
  void take(LinkInput& input, const Frag& frag);

  FrameMemory memory_;
  std::vector<PayloadSink*> sinks_;
  std::deque<LinkInput> inputs_;  // they do not move
  Counters counters_;
  // The longest payload of a 4 KiB chunk, and room for whole words around it.
  alignas(64) std::array<std::byte, 4096 + 16> copy_;
};

}  // namespace penstock
