// Sums over devices.
#include "sim/topology/end_counters.h"

#include <algorithm>
#include <utility>

namespace penstock {

Result<EndCounters> EndCounters::open(const LinkedHosts::End& end) {
  EndCounters made;
  for (const LinkedHosts::Device& device : end.devices()) {
    auto port = PortCounterReader::open(end.ns, device.interface);
    if (!port) return fail("read the counters of " + device.interface, port.error());
    auto host = HostFrames::attach(end.ns, device);
    if (!host) return fail("on " + device.interface, host.error());
    made.ports_.push_back(std::move(*port));
    made.hosts_.push_back(std::move(*host));
  }
  const Result<PortCounters> before = made.now();
  if (!before) return tl::unexpected(before.error());
  made.before_ = *before;
  return made;
}

Result<PortCounters> EndCounters::now() const {
  PortCounters sum;
  for (const PortCounterReader& port : ports_) {
    const Result<PortCounters> counters = port.read();
    if (!counters) return tl::unexpected(counters.error());
    sum += *counters;
  }
  return sum;
}

Result<PortCounters> EndCounters::device() const {
  const Result<PortCounters> counters = now();
  if (!counters) return tl::unexpected(counters.error());
  return counters->since(before_);
}

Result<std::uint64_t> EndCounters::host_frames() const {
  std::uint64_t sum = 0;
  for (const HostFrames& host : hosts_) {
    const Result<std::uint64_t> frames = host.read();
    if (!frames) return tl::unexpected(frames.error());
    sum += *frames;
  }
  return sum;
}

Nanoseconds EndCounters::settling() const {
  Nanoseconds longest = 0;
  for (const PortCounterReader& port : ports_)
    longest = std::max(longest, port.settling());
  return longest;
}

}  // namespace penstock
