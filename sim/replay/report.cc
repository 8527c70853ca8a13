// Counting what was sent.
#include "sim/replay/report.h"

#include <algorithm>

#include "engine/base/check.h"

namespace penstock {

void ReplayReport::count(const Workload& workload, std::uint64_t frames, std::uint64_t loops) {
  PENSTOCK_CHECK(frames <= workload.frames().size());
  sent = {};
  by_kind = {};
  for (const TimedFrame& frame : workload.frames().first(frames)) {
    for (SentCount* to : {&sent, &by_kind[index_of(frame.kind)]}) {
      to->frames += loops;
      to->bytes += loops * frame.bytes.size();
    }
  }
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
