// Choosing the sender.
#include "sim/replay/senders.h"

#include "engine/base/check.h"
#include "sim/replay/live_sender.h"
#include "sim/replay/sender.h"
#include "sim/replay/xdp_tx_sender.h"

namespace penstock {

Result<ReplayReport> replay(SenderKind kind, const ReplayConfig& config, const Workload& workload) {
  PENSTOCK_CHECK(config.loops == 1 || kind == SenderKind::kLiveFrames);
  PENSTOCK_CHECK(config.second_ifindex == 0 || kind == SenderKind::kAfPacket);
  switch (kind) {
    case SenderKind::kAfPacket:
      return replay_packets(config, workload);
    case SenderKind::kLiveFrames:
      return replay_live(config, workload);
    case SenderKind::kXdpTx:
      return replay_xdp_tx(config, workload);
  }
  PENSTOCK_CHECK(false);
  return fail("replay by an unknown sender");
}

}  // namespace penstock
