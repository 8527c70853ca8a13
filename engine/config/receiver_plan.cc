// From the file's words to the receiver's.
#include "engine/config/receiver_plan.h"

#include <fmt/format.h>

#include "engine/config/af_xdp_config.h"

namespace penstock {

Status fits_queues(const RunConfig& run, std::uint32_t queues) {
  const std::uint32_t sockets = sockets_on(run.receiver, queues);
  if (sockets > queues) {
    return fail(fmt::format("sockets = {}, but {} has {} RX queues", sockets, run.interface, queues), 0,
                "lower `sockets`, or raise the number of queues (`ethtool -L`)");
  }
  if (run.net_tiles > sockets) {
    return fail(fmt::format("net_tiles = {}, but there are sockets on {} RX queues of {}", run.net_tiles,
                            sockets, run.interface),
                0, "lower `net_tiles`: a net thread needs a queue of its own");
  }
  return {};
}

RunConfig alone(const RunConfig& run, const std::string& further_interface) {
  RunConfig one = run;
  one.interface = further_interface;
  one.further_interfaces.clear();
  one.net_tiles = 1;
  return one;
}

ReceiverPlan receiver_plan(const RunConfig& run, std::uint32_t queues,
                           std::span<const std::uint32_t> of_further) {
  ReceiverPlan plan{.path = run.path, .required = run.required, .zero_copy = run.zero_copy};
  const auto of_links = static_cast<std::uint32_t>(run.ports.size()) * run.link_depth;
  plan.af_xdp = af_xdp_config(run.receiver, run.path.value_or(Path::kKernelFilter), queues);
  plan.af_xdp.interface = run.interface;
  plan.af_xdp.classifier.ports = run.ports;
  plan.af_xdp.host_policy = HostPolicy::kFollowed;
  plan.af_xdp.net_tiles = run.net_tiles;
  for (std::size_t i = 0; i < run.further_interfaces.size(); ++i) {
    const std::uint32_t has = i < of_further.size() ? of_further[i] : queues;
    plan.af_xdp.further.push_back({run.further_interfaces[i], sockets_on(run.receiver, has)});
  }
  if (run.wait == WaitStrategy::kBusyPoll) plan.af_xdp.busy_poll = run.busy_poll;
  plan.af_xdp.return_cpu = run.return_cpu;
  plan.af_xdp.consumer_frames = of_links;
  plan.sockets = {.ports = run.ports,
                  .frames = run.receiver.rx_entries,
                  .consumer_frames = of_links,
                  .max_payload = run.receiver.max_payload};
  return plan;
}

}  // namespace penstock
