// Windows of frames by CPU.
#include "engine/tiles/napi_watch.h"

namespace penstock {

std::optional<bool> NapiWatch::look(Nanoseconds now, unsigned cpu, std::span<const std::uint64_t> frames) {
  if (seen_.size() != frames.size()) {  // the first look: what was before is not ours to judge
    seen_.assign(frames.begin(), frames.end());
    window_began_ = now;
    all_ = ours_ = 0;
    return std::nullopt;
  }
  for (std::size_t i = 0; i < frames.size(); ++i) {
    all_ += frames[i] - seen_[i];
    if (i == cpu) ours_ += frames[i] - seen_[i];
    seen_[i] = frames[i];
  }
  if (now - window_began_ < kWindow) return std::nullopt;
  window_began_ = now;
  return end_window();
}

std::optional<bool> NapiWatch::end_window() {
  const bool says_something = all_ >= kLeastFrames;
  const bool on_our_core = says_something && ours_ * kShare >= all_;
  all_ = ours_ = 0;
  if (!says_something) return std::nullopt;
  quiet_ = on_our_core ? 0 : quiet_ + 1;
  const bool shared = on_our_core || (shared_ && quiet_ < kQuietWindows);
  if (shared == shared_) return std::nullopt;
  shared_ = shared;
  return shared_;
}

}  // namespace penstock
