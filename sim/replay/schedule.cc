// Due times in integers.
#include "sim/replay/schedule.h"

#include <algorithm>

#include "engine/base/check.h"

namespace penstock {
namespace {
__extension__ using Wide = unsigned __int128;
}  // namespace

Nanoseconds nap_until(Nanoseconds due, Nanoseconds last) {
  return std::min((due + kNap - 1) / kNap * kNap, std::max(due, last));
}

Schedule::Schedule(std::span<const TimedFrame> frames, Pace pace, std::uint64_t pps, std::uint64_t loops)
    : frames_(frames), pace_(pace), pps_(pps), loops_(loops) {
  PENSTOCK_CHECK(pace != Pace::kWorkload || loops == 1);
  PENSTOCK_CHECK(pace != Pace::kFixedRate || pps > 0);
}

Nanoseconds Schedule::due(std::size_t i) const {
  switch (pace_) {
    case Pace::kWorkload:
      return frames_[i].at - frames_.front().at;
    case Pace::kFixedRate:
      return static_cast<Nanoseconds>(Wide{i} * kSecond / pps_);
    case Pace::kFlatOut:
      break;
  }
  return 0;
}

Nanoseconds Schedule::duration() const {
  return frames_.empty() ? 0 : due(frames_.size() * loops_ - 1);
}

bool Schedule::missed(Nanoseconds elapsed) const {
  if (pace_ == Pace::kFlatOut || frames_.size() * loops_ < 2) return false;
  const Nanoseconds off = elapsed > duration() ? elapsed - duration() : duration() - elapsed;
  return off > duration() / kRateToleranceParts + kRateGrace;
}

}  // namespace penstock
