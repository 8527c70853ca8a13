// Line for line what receiver.bpf.c does with the same functions.
#include "sim/nic_model/xdp_program.h"

#include <utility>

namespace penstock {

ModelProgram::ModelProgram(Filter filter, Classifier classifier)
    : filter_(filter), classifier_(std::move(classifier)), sockets_(kSlots) {}

penstock_reason ModelProgram::judge(std::span<const std::byte> frame, Nanoseconds now) const {
  if (filter_ == Filter::kKernel) return classifier_.classify(frame).reason;
  const std::byte* end = frame.data() + frame.size();
  penstock_reason reason = PENSTOCK_TAKEN;
  if (penstock_is_stalled(&engine_, static_cast<__u64>(now))) {
    reason = PENSTOCK_ENGINE_STALLED;
  } else if (engine_.scope == PENSTOCK_SCOPE_UDP) {
    reason = penstock_udp_scope(frame.data(), end);
  }
  if (reason == PENSTOCK_TAKEN && frame.size() > classifier_.policy().max_frame) reason = PENSTOCK_OVERSIZE;
  return reason;
}

std::optional<int> ModelProgram::run(std::span<const std::byte> frame, std::uint32_t queue, Nanoseconds now) {
  if (!attached_) {
    ++missed_;
    return std::nullopt;
  }
  penstock_reason reason = judge(frame, now);
  if (reason == PENSTOCK_TAKEN && !sockets_[queue]) reason = PENSTOCK_NO_SOCKET;
  ++counts_.by_reason[reason];
  return reason == PENSTOCK_TAKEN ? sockets_[queue] : std::nullopt;
}

void ModelProgram::read_counts(Counters& counters) const {
  for (std::size_t reason = 0; reason < PENSTOCK_REASON_COUNT; ++reason) {
    if (reason == PENSTOCK_TAKEN) {
      counters.set(Counter::kXdpRedirect, counts_.by_reason[reason]);
    } else {
      counters.set(Counter::kXdpPass, counts_.by_reason[reason], reason);
    }
  }
}

}  // namespace penstock
