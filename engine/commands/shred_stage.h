// The shred tile of `penstock run`, on a thread of its own ("pen-shred"): one more consumer of the ports'
// links, beside the sink. What it keeps it tells an observer (engine/outlet), and by its counters.
//
// Ownership: borrows the links and the receiver's memory, which must outlive it. Thread safety: start and
// stop from one thread; counters() from any.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "engine/base/result.h"
#include "engine/config/shreds_spec.h"
#include "engine/metrics/counters.h"
#include "engine/shred/content_digest.h"
#include "engine/shred/leader_file.h"
#include "engine/shred/observer_list.h"
#include "engine/tiles/port_links.h"
#include "engine/tiles/shred_tile.h"
#include "engine/tiles/tile_thread.h"
#include "engine/xsk/umem.h"

namespace penstock {

class ShredStage {
 public:
  // `ports`: as the links of each net tile have them by index. REQUIRES: spec.stage is not kOff. Errors: a
  // leader file that cannot be read or understood, a thread that cannot be started. `observer`: borrowed, of
  // the stage's thread; may be null.
  static Result<std::unique_ptr<ShredStage>> start(const ShredsSpec& spec,
                                                   std::span<const std::uint16_t> ports,
                                                   std::span<const PortLinks* const> net_tiles,
                                                   const FrameMemory& memory, ResolverObserver* observer);

  // Takes what is in the links and ends. May be called again, to no effect.
  void stop() { thread_->stop(); }

  const Counters& counters() const { return tile_->counters(); }
  const Heartbeat& heartbeat() const { return thread_->heartbeat(); }
  // What spec.digest asked for, else null. After stop().
  const ContentRecorder* content() const { return content_ ? &*content_ : nullptr; }

 private:
  ShredStage() = default;
  // What the leaders are known from; null: nothing, and sets are only held to themselves.
  const LeaderSchedule* leaders() const;

  std::optional<FixedLeader> one_leader_;
  std::optional<SlotSchedule> schedule_;
  std::optional<ContentRecorder> content_;
  ObserverList observers_;
  std::optional<ShredTile> tile_;
  std::optional<TileThread> thread_;  // last, so that it ends before what it uses goes
};

}  // namespace penstock
