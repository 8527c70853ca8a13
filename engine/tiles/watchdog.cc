// Rounds: who has moved since the last one.
#include "engine/tiles/watchdog.h"

#include <algorithm>

namespace penstock {

std::string thread_name(TileKind tile, std::size_t number) {
  const std::string name = "pen-" + label_value(CounterLabel::kTile, static_cast<std::size_t>(tile));
  return number == 0 ? name : name + std::to_string(number);
}

void Watchdog::watch(TileKind tile, const Heartbeat& heartbeat) {
  const auto before =
      std::count_if(watched_.begin(), watched_.end(), [&](const Watched& each) { return each.tile == tile; });
  watched_.push_back({tile, static_cast<std::size_t>(before), &heartbeat, heartbeat.beats()});
}

std::vector<Watchdog::Change> Watchdog::round(Nanoseconds now) {
  std::vector<Change> changes;
  if (now < due_) return changes;
  const bool in_time = now - due_ <= kPeriod;
  due_ = now + kPeriod;
  for (Watched& each : watched_) {
    const std::uint64_t beats = each.heartbeat->beats();
    if (beats != each.seen) {
      if (each.still >= kRounds) changes.push_back({each.tile, each.number, false});
      each.seen = beats;
      each.still = 0;
    } else if (in_time && each.still < kRounds && ++each.still == kRounds) {
      counters_.add(Counter::kTileStalls, 1, static_cast<std::size_t>(each.tile));
      changes.push_back({each.tile, each.number, true});
    }
  }
  return changes;
}

}  // namespace penstock
