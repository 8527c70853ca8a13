// Comparing two sides' workloads.
#include "sim/scenario/from_afar.h"

#include <errno.h>

#include <utility>

#include <fmt/format.h>

#include "engine/packet/address.h"
#include "sim/lab/nic_lab.h"

namespace penstock {

std::string unmet_from_afar(const RunPlan& plan) {
  const std::string with = " with a remote sender";
  if (plan.text.empty()) return "the frames of a capture" + with + ": it makes them from a scenario";
  if (plan.host.any() || plan.demand.ipv6 || plan.demand.dynamic_neighbours)
    return "hosts that say something by themselves" + with;
  if (plan.measure.latency) return "latency" + with + ": the clocks of two hosts differ";
  if (!plan.steps.empty()) return "a timeline of steps" + with + ": the clocks of two hosts differ";
  return {};
}

Result<std::unique_ptr<RemoteSender>> connect_from_afar(const RunPlan& plan, const Workload& workload,
                                                        TurnConfig& turn) {
  auto remote = RemoteSender::connect(*plan.lab->remote());
  if (!remote) return tl::unexpected(remote.error());
  const Result<RemoteReady> ready = (*remote)->prepare({.scenario = plan.text,
                                                        .name = plan.name,
                                                        .seed = plan.seed,
                                                        .interface = plan.lab->sender_interface()});
  if (!ready) return tl::unexpected(ready.error());
  if (ready->digest != fingerprint(workload)) {
    return fail(fmt::format("the remote sender made another workload: {} frames, {} here", ready->frames,
                            workload.frames().size()),
                EPROTO, "install the same release on both hosts");
  }
  const auto mac = MacAddress::parse(ready->mac);
  if (!mac) return fail("the remote sender's MAC is " + ready->mac, EPROTO);
  turn.remote = remote->get();
  turn.remote_mac = *mac;
  return remote;
}

}  // namespace penstock
