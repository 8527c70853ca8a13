// Setting a turn up and reading its counters.
#include "sim/scenario/turn.h"

#include <errno.h>

#include <utility>

#include <fmt/format.h>

namespace penstock {
namespace {

// XDP_STATISTICS has the RX ring full (ENOBUFS), the fill ring empty (ENOMEM) and frames too long
// (ENOSPC); every other errno is seen by the tracepoint alone.
std::uint64_t uncounted_by_sockets(const RedirectErrorCounts& errors) {
  std::uint64_t total = 0;
  for (const auto& [code, frames] : errors) {
    if (code != ENOBUFS && code != ENOMEM && code != ENOSPC) total += frames;
  }
  return total;
}

AfXdpConfig engine_config(const TurnConfig& turn, const VethTopology::End& end) {
  const ReceiverSpec& spec = turn.receiver;
  return {.filter = turn.path == Path::kKernelFilter ? Filter::kKernel : Filter::kUserspace,
          .interface = end.interface,
          .classifier = {.ports = turn.ports,
                         .mac = end.mac,
                         .addresses = {end.address},
                         .vlan = spec.vlan,
                         .ipv6 = spec.ipv6,
                         .verify_udp_checksum = spec.verify_udp_checksum},
          .queues = spec.sockets != 0 ? spec.sockets : turn.demand.queues,
          .rx_entries = spec.rx_entries,
          .fill_frames = spec.fill_frames,
          .max_payload = spec.max_payload,
          .scope = spec.scope,
          .return_depth = spec.return_depth,
          .port_map = spec.port_map,
          .companion = spec.companion,
          .attach_mode = spec.attach};
}

}  // namespace

Turn::Turn(VethTopology topology, VethCounterReader sender, VethCounterReader receiver, HostTap tap,
           std::unique_ptr<MultisetDigest> seen, std::unique_ptr<EngineThread> engine, RedirectErrors errors)
    : topology_(std::move(topology)),
      sender_counters_(std::move(sender)),
      receiver_counters_(std::move(receiver)),
      seen_by_host_(std::move(seen)),
      tap_(std::move(tap)),
      engine_(std::move(engine)),
      redirect_errors_(std::move(errors)) {}

Result<Turn> Turn::set_up(const TurnConfig& config) {
  Result<VethTopology> topology =
      VethTopology::create({.queues = config.demand.queues, .mtu = config.demand.mtu});
  if (!topology) return tl::unexpected(topology.error());
  const VethTopology::End& receiver = topology->receiver();
  auto sender_counters = VethCounterReader::open(topology->sender().ns, topology->sender().interface);
  if (!sender_counters) return fail("read the sender's counters", sender_counters.error());
  auto receiver_counters = VethCounterReader::open(receiver.ns, receiver.interface);
  if (!receiver_counters) return fail("read the receiver's counters", receiver_counters.error());

  auto seen = std::make_unique<MultisetDigest>();
  Result<HostTap> tap = HostTap::start(receiver.ns, receiver.interface,
                                       [digest = seen.get()](auto frame) { digest->add_frame(frame); });
  if (!tap) return fail("watch the host's stack", tap.error());

  auto engine = EngineThread::start(receiver.ns, engine_config(config, receiver), config.sets);
  if (!engine) return fail("open the receiver", engine.error());
  const Result<std::uint32_t> map_id = (*engine)->socket_map_id();
  if (!map_id) return tl::unexpected(map_id.error());
  auto errors = RedirectErrors::attach(*map_id);
  if (!errors) return fail("watch for failed redirects", errors.error());
  return Turn(std::move(*topology), std::move(*sender_counters), std::move(*receiver_counters),
              std::move(*tap), std::move(seen), std::move(*engine), std::move(*errors));
}

Result<Reading> Turn::read() const {
  const Result<VethCounters> sender = sender_counters_.read();
  if (!sender) return tl::unexpected(sender.error());
  const Result<VethCounters> receiver = receiver_counters_.read();
  if (!receiver) return tl::unexpected(receiver.error());
  const Result<RedirectErrorCounts> errors = redirect_errors_.read();
  if (!errors) return tl::unexpected(errors.error());
  return Reading{engine_->counters().traffic(), *sender, *receiver, uncounted_by_sockets(*errors)};
}

Result<HostTap::Report> Turn::stop_tap(MultisetDigest& host) {
  Result<HostTap::Report> report = tap_.stop();
  host = std::move(*seen_by_host_);
  return report;
}

}  // namespace penstock
