// The shred tile: takes payloads from links, and keeps what is new and proven (engine/shred/fec_resolver.h).
//
//   net tile -> links (mcache) of turbine and repair ports -> this tile -> FEC sets, to the observer
//
// A payload is a shred, and bytes behind it are tolerated; one that came to a repair port is a shred with a
// nonce behind it, and nothing else.
//
// One copy: a shred's bytes go from its frame to the memory of its set, which is reused only after
// FecResolverConfig::reuse_after further sets; the observer may read them there for that long. Before
// anything is decided on the bytes the link is asked whether the frame was still its own: one that was
// overwritten is counted as overrun{shred}, changes nothing, and is none of the resolver's.
//
// With a VerdictLink every payload goes on to it with what became of it (capture). Then it is copied off its
// frame first and judged in the copy, alone: no two leaves are hashed together.
//
// Account, exactly, once the tile has caught up:
//   published{port} = shred_consumed + overrun{shred}        (over the ports of its links)
//   shred_consumed  = shred_accepted + shred_duplicate + shred_late + sum of shred_discarded
//                     + (shred_held - shred_released)
//
// Ownership: borrows the lines, the memory, the schedule, the observer and the requests; owns its counters
// and all memory of sets. Thread safety: step() and set_root() from one thread; counters() from any,
// set_repair_ports() from one of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "engine/mcache/mcache.h"
#include "engine/metrics/counters.h"
#include "engine/receive/receiver.h"
#include "engine/shred/fec_resolver.h"
#include "engine/tiles/link_input.h"
#include "engine/tiles/repair_ports.h"
#include "engine/tiles/tile.h"
#include "engine/tiles/verdict_link.h"
#include "engine/xsk/umem.h"

namespace penstock {

struct ShredLink {
  std::span<const McacheLine> lines;
  FrameMemory memory;
  std::span<const McacheLine> marks{};  // empty: no hops are counted
};

class ShredTile final : public Tile {
 public:
  // Payloads that one step takes from a link at most.
  static constexpr std::size_t kBatch = 64;

  // `leaders`, `observer` and `repair` as FecResolver has them. `verdicts`: borrowed; may be null.
  ShredTile(const FecResolverConfig& config, std::span<const ShredLink> links, const LeaderSchedule* leaders,
            ResolverObserver* observer, RepairRequests* repair = nullptr, VerdictLink* verdicts = nullptr);

  std::size_t step(Nanoseconds now) override;

  // Of those that the links carry; none at first.
  void set_repair_ports(std::span<const std::uint16_t> ports) { repair_ports_.set(ports); }

  // What is rooted, where the configuration does not follow the sets themselves.
  void set_root(std::uint64_t slot) { resolver_.set_root(slot); }

  const Counters& counters() const { return resolver_.counters(); }

 private:
  struct Input {
    explicit Input(const ShredLink& link)
        : memory(link.memory), link(link.lines, Consumer::kShred, link.marks) {}

    FrameMemory memory;
    LinkInput link;
  };

  std::size_t take_from(Input& input);
  void take(Input& input, const Frag& frag);
  void take_and_tell(Input& input, const Frag& frag);

  RepairPorts repair_ports_;
  std::deque<Input> inputs_;  // they do not move
  FecResolver resolver_;
  VerdictLink* verdicts_;
  // The longest frame of a 4 KiB chunk, and room for whole words around it.
  alignas(64) std::array<std::byte, 4096 + 16> copy_;
};

}  // namespace penstock
