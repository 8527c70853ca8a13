// Counting what was sent.
#include "sim/replay/report.h"

#include <algorithm>

namespace penstock {

void ReplayReport::count(const Workload& workload, std::uint64_t frames) {
  sent = {};
  by_kind = {};
  if (frames == 0) return;
  const std::uint64_t whole = frames / workload.frames().size();
  const std::uint64_t rest = frames % workload.frames().size();
  for (std::uint64_t i = 0; i < workload.frames().size(); ++i) {
    const TimedFrame& frame = workload.frames()[i];
    const std::uint64_t times = whole + (i < rest ? 1 : 0);
    for (SentCount* to : {&sent, &by_kind[index_of(frame.kind)]}) {
      to->frames += times;
      to->bytes += times * frame.bytes.size();
    }
  }
}

void ReplayReport::add(const ReplayReport& other) {
  const auto add_counts = [](SentCount& to, const SentCount& count) {
    to.frames += count.frames;
    to.bytes += count.bytes;
  };
  add_counts(sent, other.sent);
  for (std::size_t kind = 0; kind < kFrameKinds; ++kind)
    add_counts(by_kind[kind], other.by_kind[kind]);
  elapsed = std::max(elapsed, other.elapsed);
  asked = std::max(asked, other.asked);
  lateness_max = std::max(lateness_max, other.lateness_max);
  refusals += other.refusals;
  missed_rate = missed_rate || other.missed_rate;
  refused += other.refused;
  ring_full += other.ring_full;
  skipped += other.skipped;
  starved += other.starved;
  windows.resize(std::min(windows.size(), other.windows.size()));
  for (std::size_t i = 0; i < windows.size(); ++i)
    windows[i] += other.windows[i];
}

double ReplayReport::windows_met(std::uint64_t pps) const {
  if (windows.size() < 2) return 1;
  const std::uint64_t wanted = pps / (kSecond / kWindow) * 95 / 100;
  const auto met = std::count_if(windows.begin(), windows.end() - 1,
                                 [&](std::uint32_t frames) { return frames >= wanted; });
  return static_cast<double>(met) / static_cast<double>(windows.size() - 1);
}

std::uint64_t ReplayReport::rate_pps() const {
  if (sent.frames < 2 || elapsed <= 0) return 0;
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(Wide{sent.frames - 1} * kSecond / static_cast<std::uint64_t>(elapsed));
}

}  // namespace penstock
