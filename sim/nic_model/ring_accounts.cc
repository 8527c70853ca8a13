// The accounts of docs/architecture.md, with what the model's NIC counts in the place of a device.
#include "sim/nic_model/ring_accounts.h"

#include <span>

#include <fmt/format.h>

namespace penstock {

namespace {

struct Equation {
  const char* name;
  std::uint64_t left, right;
};

std::string open_ones(std::span<const Equation> accounts) {
  std::string open;
  for (const Equation& account : accounts) {
    if (account.left == account.right) continue;
    open +=
        fmt::format("{}{}: {} != {}", open.empty() ? "" : "; ", account.name, account.left, account.right);
  }
  return open;
}

}  // namespace

std::string open_accounts(RingEngine& engine, const CounterSnapshot& c, const RingEnds& ends) {
  const NicQueueCounters nic = engine.nic().total();
  const std::uint64_t missed = engine.program().missed();
  const Equation accounts[] = {
      {"offered = wire_drop + link_drop + queue_drop + ring_drop + rx_packets", ends.offered,
       engine.nic().lost_before_poll() + nic.rx_packets},
      {"rx_packets = xdp_pass + xdp_redirect + missed", nic.rx_packets,
       c.sum(Counter::kXdpPass) + c.get(Counter::kXdpRedirect) + missed},
      {"xdp_redirect = rx_descriptors + rx_ring_full + rx_dropped", c.get(Counter::kXdpRedirect),
       c.get(Counter::kRxDescriptors) + c.get(Counter::kRxRingFull) + c.get(Counter::kRxDropped)},
      {"rx_descriptors = published + returned_to_host + discarded", c.get(Counter::kRxDescriptors),
       c.sum(Counter::kPublished) + c.get(Counter::kReturnedToHost) + c.sum(Counter::kDiscarded)},
      {"returned_to_host = return_written + overrun{return} + tap_error", c.get(Counter::kReturnedToHost),
       c.get(Counter::kReturnWritten) + c.overrun(Consumer::kReturn) + c.get(Counter::kTapError)},
      {"published = delivered", c.sum(Counter::kPublished), ends.delivered},
      {"host = xdp_pass + missed + return_written", ends.host,
       c.sum(Counter::kXdpPass) + missed + c.get(Counter::kReturnWritten)},
  };
  return open_ones(accounts);
}

std::string open_accounts_on_the_way(RingEngine& engine, std::uint64_t offered) {
  const CounterSnapshot c = engine.counters_on_the_way();
  const NicModel& nic = engine.nic();
  const Equation accounts[] = {
      {"offered = lost before a poll + in the queues + rx_packets", offered,
       nic.lost_before_poll() + nic.pending() + nic.total().rx_packets},
      {"rx_packets = xdp_pass + xdp_redirect + missed", nic.total().rx_packets,
       c.sum(Counter::kXdpPass) + c.get(Counter::kXdpRedirect) + engine.program().missed()},
      {"xdp_redirect = in the RX rings + rx_descriptors + rx_ring_full + rx_dropped",
       c.get(Counter::kXdpRedirect),
       engine.in_rx_rings() + c.get(Counter::kRxDescriptors) + c.get(Counter::kRxRingFull) +
           c.get(Counter::kRxDropped)},
      {"rx_descriptors = published + returned_to_host + discarded", c.get(Counter::kRxDescriptors),
       c.sum(Counter::kPublished) + c.get(Counter::kReturnedToHost) + c.sum(Counter::kDiscarded)},
  };
  return open_ones(accounts);
}

std::uint64_t lost_by_name(RingEngine& engine, const CounterSnapshot& c) {
  return engine.nic().lost_before_poll() + c.get(Counter::kRxRingFull) + c.get(Counter::kRxDropped) +
         c.sum(Counter::kDiscarded) + c.overrun(Consumer::kReturn) + c.get(Counter::kTapError);
}

}  // namespace penstock
