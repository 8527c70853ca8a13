// Counting what was sent.
#include "sim/replay/report.h"

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

std::uint64_t ReplayReport::rate_pps() const {
  if (sent.frames < 2 || elapsed <= 0) return 0;
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(Wide{sent.frames - 1} * kSecond / static_cast<std::uint64_t>(elapsed));
}

}  // namespace penstock
