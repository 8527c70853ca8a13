// From a turn's configuration to the ring's, and from the ring's counters to the turn's.
#include "sim/scenario/ring_path.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/packet/digest.h"
#include "sim/nic_model/ring_world.h"
#include "sim/replay/schedule.h"
#include "sim/scenario/receiver_circumstances.h"
#include "sim/scenario/turn_accounts.h"
#include "sim/scenario/turn_counters.h"

namespace penstock {
namespace {

// So that every run of more than some frames carries the rings' indices across 2^32.
constexpr std::uint32_t kFirstIndex = 0xffff'ff00;

RingEngineConfig ring_config(const TurnConfig& turn, const LinkAddresses& link) {
  const ReceiverSpec& spec = turn.receiver;
  return {.filter = turn.path == Path::kKernelFilter ? Filter::kKernel : Filter::kUserspace,
          .classifier = {.ports = turn.ports,
                         .mac = link.receiver_mac,
                         .addresses = {link.receiver},
                         .vlan = spec.vlan,
                         .ipv6 = spec.ipv6,
                         .verify_udp_checksum = spec.verify_udp_checksum},
          .nic = {.queues = turn.demand.queues},
          .sockets = spec.sockets,
          .rx_entries = spec.rx_entries,
          .fill_frames = spec.fill_frames,
          .first_index = kFirstIndex,
          .max_payload = spec.max_payload,
          .scope = spec.scope == TakeScope::kUdp ? PENSTOCK_SCOPE_UDP : PENSTOCK_SCOPE_ALL};
}

// REQUIRES: neither a step about a port nor a restart.
RingEvent event_of(StepKind kind) {
  switch (kind) {
    case StepKind::kStallConsumer:
      return RingEvent::kStallConsumer;
    case StepKind::kResumeConsumer:
      return RingEvent::kResumeConsumer;
    case StepKind::kStallEngine:
      return RingEvent::kStallEngine;
    case StepKind::kResumeEngine:
      return RingEvent::kResumeEngine;
    case StepKind::kAddPort:
    case StepKind::kRemovePort:
    case StepKind::kRestartEngine:
    case StepKind::kKillEngine:
      break;
  }
  PENSTOCK_CHECK(false);
}

// The steps that are due by `until`, from *next on.
Status take_steps(const std::vector<Step>& steps, Nanoseconds until, std::size_t* next, RingWorld& world) {
  for (; *next < steps.size() && steps[*next].at <= until; ++*next) {
    if (Status s = world.add(TimedEvent{steps[*next].at, event_of(steps[*next].kind)}); !s) return s;
  }
  return {};
}

// The frames and the steps at their times, then quiet.
Status send_all(const PathRunConfig& config, const Workload& workload, RingWorld& world) {
  const auto frames = workload.frames();
  const Schedule schedule(frames, config.pace, config.pps);
  std::size_t next_step = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (Status s = take_steps(config.steps, schedule.due(i), &next_step, world); !s) return s;
    if (Status s = world.add(schedule.due(i), frames[i].bytes); !s) return s;
    if (config.progress && i % 4096 == 0) config.progress(i, frames.size(), std::nullopt);
  }
  if (Status s = take_steps(config.steps, INT64_MAX, &next_step, world); !s) return s;
  return world.finish();
}

// Of the model's device, in the words of a veth pair's two ends.
Reading reading_of(RingEngine& engine) {
  const NicQueueCounters nic = engine.nic().total();
  Reading reading;
  reading.engine = engine.snapshot().traffic();
  reading.sender.tx_packets = nic.rx_packets;
  reading.sender.sent = nic.rx_packets;
  reading.sender.tx_dropped = nic.ring_drop;
  reading.receiver.xdp_packets = nic.rx_packets;
  return reading;
}

}  // namespace

std::string unmet_over_ring(const TurnConfig& turn, const Ledger& ledger) {
  const ReceiverSpec& spec = turn.receiver;
  if (!is_af_xdp(turn.path)) return fmt::format("the path {}: it has no host stack", to_string(turn.path));
  if (turn.host.any()) return "the host's own traffic: it has no host stack";
  if (spec.attach == AttachMode::kGeneric) return "generic XDP";
  if (spec.port_map == PortMap::kHash) return "a hash map of ports: it has no BPF maps";
  if (spec.loader == Loader::kDirect) return "the direct loader: it loads no BPF program";
  if (spec.companion == Companion::kExternal) return "an external companion: it has no host stack";
  if (spec.companion == Companion::kOwn && spec.sockets != 0 && spec.sockets < turn.demand.queues)
    return "a companion socket: it has no host stack, which would hand over what comes by other queues";
  if (spec.companion == Companion::kOwn && ledger.slow().count() != 0) {
    return fmt::format(
        "a companion socket: it has no host stack, which would hand over {} datagrams of this "
        "workload (fragments, options, tags)",
        ledger.slow().count());
  }
  return {};
}

Result<PathRun> run_ring_path(const PathRunConfig& config, const Workload& workload) {
  PathRun run;
  run.path = config.turn.path;
  Result<std::unique_ptr<RingEngine>> opened =
      RingEngine::open(ring_config(config.turn, path_link()),
                       [&run](std::span<const std::byte> frame) { run.witnessed.host.add_frame(frame); });
  if (!opened) return fail("open the receiver", opened.error());
  RingEngine& engine = **opened;

  Delivery delivery(config.turn.shreds);
  RingWorld world(engine, [&delivery](const Frag& frag, std::span<const std::byte> payload) {
    delivery.add({frag.source, frag.source_port}, {frag.destination, frag.destination_port}, payload);
  });
  if (Status s = send_all(config, workload, world); !s) return tl::unexpected(s.error());

  ReplayReport sent;
  sent.sent.frames = world.offered();
  sent.elapsed = Schedule(workload.frames(), config.pace, config.pps).duration();
  const Reading reading = reading_of(engine);
  run.companion = config.turn.receiver.companion;
  run.receiver = circumstances_of(config.turn.receiver);
  run.every_queue = engine.sockets() == config.turn.demand.queues;
  run.counters = reading.engine;
  run.accounts = accounts_of(reading, sent, delivery.datagrams());
  run.accounts.push_back(delivery.account());
  run.result = path_result(config.turn.path, reading, sent, delivery);
  for (const char* key : {"ns_per_packet", "latency_ns", "stalls_ns"})
    run.result.not_measured[key] = "virtual time";
  run.result.counters = {{"engine", {.before = {}, .after = table_of(engine.snapshot())}}};
  run.result.mode = "simulated copy";
  run.result.queues = engine.sockets();
  run.result.host_digest = run.witnessed.host.to_string();
  run.numbers = delivery.numbers();
  run.delivered = std::move(delivery).take_digest();
  return run;
}

}  // namespace penstock
