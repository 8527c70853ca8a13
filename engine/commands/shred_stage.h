// The shred tile of `penstock run`, on a thread of its own ("pen-shred"): one more consumer of the ports'
// links, beside the sink. What it keeps it tells an observer (engine/outlet), and by its counters.
//
// Ownership: borrows the links and the receiver's memory, which must outlive it. Thread safety: counters()
// from any thread; the rest from one, which is not the stage's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "engine/base/result.h"
#include "engine/config/shreds_spec.h"
#include "engine/metrics/counters.h"
#include "engine/shred/content_digest.h"
#include "engine/shred/live_leaders.h"
#include "engine/shred/observer_list.h"
#include "engine/tiles/port_links.h"
#include "engine/tiles/shred_tile.h"
#include "engine/tiles/tile_thread.h"
#include "engine/tiles/verdict_link.h"
#include "engine/xsk/umem.h"

namespace penstock {

class ShredStage {
 public:
  // REQUIRES: spec.stage is not kOff. Errors: a leader file that cannot be read or understood, a thread that
  // cannot be started. `observer`, `verdicts`: borrowed, of the stage's
  // thread; may be null.
  static Result<std::unique_ptr<ShredStage>> start(const ShredsSpec& spec,
                                                   std::span<const PortLinks* const> net_tiles,
                                                   const FrameMemory& memory, ResolverObserver* observer,
                                                   VerdictLink* verdicts);

  // Takes what is in the links and ends. May be called again, to no effect.
  void stop() { thread_->stop(); }

  void set_repair_ports(std::span<const std::uint16_t> ports) { tile_->set_repair_ports(ports); }
  // Other leaders from here on, or the same file read anew; whether they differ. Errors: as start(); ENOTSUP
  // when there were none, or are to be none.
  Result<bool> set_leaders(const ShredsSpec& spec);

  const Counters& counters() const { return tile_->counters(); }
  const Heartbeat& heartbeat() const { return thread_->heartbeat(); }
  // What spec.digest asked for, else null. After stop().
  const ContentRecorder* content() const { return content_ ? &*content_ : nullptr; }

 private:
  ShredStage() = default;

  std::optional<LiveLeaders> leaders_;  // none: sets are only held to themselves
  std::optional<ContentRecorder> content_;
  ObserverList observers_;
  std::optional<ShredTile> tile_;
  std::optional<TileThread> thread_;  // last, so that it ends before what it uses goes
};

}  // namespace penstock
