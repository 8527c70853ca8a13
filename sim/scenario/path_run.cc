// Making one turn.
#include "sim/scenario/path_run.h"

#include <errno.h>

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "engine/base/clock.h"
#include "sim/scenario/path_measures.h"
#include "sim/scenario/port_watch.h"
#include "sim/scenario/receiver_circumstances.h"
#include "sim/scenario/timeline.h"
#include "sim/scenario/turn.h"
#include "sim/scenario/turn_accounts.h"
#include "sim/topology/host_counters.h"
#include "sim/topology/quiesce.h"
#include "sim/topology/udp_oracle.h"
#include "sim/topology/xdp_dropper.h"

namespace penstock {
namespace {

// A turn that has not come to rest by then never will.
constexpr Nanoseconds kQuiesceTimeout = 10 * kSecond;
// Longer than the engine's idle wait, after which it looks at the kernel's counters again.
constexpr Nanoseconds kQuiescePause = 25 * kMillisecond;

// A thread that had no core meanwhile has more to do than it shows. Where an account is open, two readings
// must be equal over longer than that lasts.
constexpr Nanoseconds kPauseOfAnOpenAccount = kSecond;

// All that a reading alone can say. The stack's paths have accounts that a witness is needed for.
bool is_open(const PathRunConfig& config, const Reading& reading, const ReplayReport& sent) {
  if (!is_af_xdp(config.turn.path)) return false;
  const CounterSnapshot& c = reading.engine;
  const std::vector<Account> accounts =
      accounts_of(reading, sent, c.sum(Counter::kPublished) + c.sum(Counter::kSlowWayPublished));
  return std::any_of(accounts.begin(), accounts.end(),
                     [](const Account& account) { return account.closed() == false; });
}

Result<Reading> read_at_rest(const PathRunConfig& config, const Turn& turn, const ReplayReport& sent) {
  const auto read = [&]() -> Result<Reading> {
    if (config.stop.stop_requested()) return fail("wait until all is still: stopped", ECANCELED);
    return turn.read();
  };
  const Nanoseconds pause = std::max(kQuiescePause, turn.settling());
  Result<Reading> reading = wait_for_quiesce(read, kQuiesceTimeout, pause);
  if (reading && is_open(config, *reading, sent))
    reading = wait_for_quiesce(read, kQuiesceTimeout, std::max(pause, kPauseOfAnOpenAccount));
  return reading;
}

// The far side made the same workload (scenario_run.h compares), and says how much of it left.
Result<ReplayReport> send_from_afar(RemoteSender& remote, const ReplayProgress& progress,
                                    const std::stop_token& stop, const Workload& workload) {
  const std::uint64_t all = workload.frames().size();
  const Status sent = remote.send(
      [&](std::uint64_t done) {
        if (progress) progress(done, all);
      },
      stop);
  if (!sent) return fail("send the workload", sent.error());
  ReplayReport report = remote.last().report;
  const SentCount said = report.sent;
  report.count(workload, std::min(said.frames, all));
  if (said.frames != report.sent.frames || said.bytes != report.sent.bytes)
    return fail("send the workload: the remote sender says that it sent another one", EPROTO);
  return report;
}

// `engine`: whose losses the progress tells of; null: nobody's.
Result<ReplayReport> send(const PathRunConfig& config, const LinkedHosts::End& sender,
                          const Workload& workload, const EngineThread* engine) {
  ReplayProgress progress;
  if (config.progress) {
    progress = [&config, engine](std::uint64_t done, std::uint64_t of) {
      std::optional<std::uint64_t> lost;
      if (engine != nullptr) lost = lost_so_far(engine->counters());
      config.progress(done, of, lost);
    };
    progress(0, workload.frames().size());
  }
  if (config.turn.remote != nullptr)
    return send_from_afar(*config.turn.remote, progress, config.stop, workload);
  const ReplayConfig sender_config{
      .ifindex = static_cast<int>(sender.index),
      .second_ifindex = sender.second ? static_cast<int>(sender.second->index) : 0,
      .pace = config.pace,
      .pps = config.pps,
      .stamped = config.turn.stamped,
      .napping = config.napping,
      .progress = std::move(progress),
      .stop = config.stop};
  Result<ReplayReport> report =
      run_in(sender.ns, [&] { return replay(config.sender, sender_config, workload); });
  if (!report) return fail("send the workload", report.error());
  return report;
}

struct Sending {
  ReplayReport report;
  CpuUse use;  // of the machine meanwhile
};

Result<Sending> send_and_watch(const PathRunConfig& config, const LinkedHosts::End& sender,
                               const Workload& workload, const EngineThread* engine) {
  const Result<CpuTimes> before = cpu_times();
  if (!before) return tl::unexpected(before.error());
  Result<ReplayReport> report = send(config, sender, workload, engine);
  if (!report) return tl::unexpected(report.error());
  const Result<CpuTimes> after = cpu_times();
  if (!after) return tl::unexpected(after.error());
  return Sending{std::move(*report), use_between(*before, *after)};
}

// The hosts' own traffic must have had the workload beside it all the time.
void note_host(const HostReport& host, const ReplayReport& sent, std::vector<std::string>& invalid) {
  if (host.elapsed <= sent.elapsed) return;
  invalid.push_back(fmt::format("the hosts' own traffic took {} ms, the workload beside it was sent in {}",
                                host.elapsed / kMillisecond, sent.elapsed / kMillisecond));
}

// What makes a run prove nothing from the sender's side.
void note_sender(const ReplayReport& sent, std::vector<std::string>& invalid) {
  if (sent.missed_rate)
    invalid.push_back(fmt::format("the sender missed its rate: {} frames/s", sent.rate_pps()));
  if (sent.refused != 0) {
    invalid.push_back(fmt::format("the sender redirected {} frames, and its device counts {} fewer",
                                  sent.sent.frames, sent.refused));
  }
}

// Of the receiver's interfaces together. The stack behind a socket path serves all of them.
std::uint32_t queues_of(const TurnConfig& turn, const LinkedHosts& hosts) {
  return turn.demand.queues * static_cast<std::uint32_t>(hosts.receiver().devices().size());
}

Check check_ports(const PathRunConfig& config, const ReplayReport& sent, const std::vector<DoneStep>& steps,
                  const EngineThread::Outcome& outcome, const Witnessed& witnessed) {
  const PortWatch watch(config.streams, config.turn.ports, steps, {sent.started, sent.lateness_max});
  return watch.check(std::string(to_string(config.turn.path)) + ".ports",
                     {.fast = outcome.consumed.streams_fast,
                      .slow = outcome.consumed.streams_slow,
                      .host = witnessed.streams_host},
                     outcome.counters.get(DiscardReason::kPortRemoved));
}

}  // namespace

LinkAddresses path_link() {
  const LinkConfig config;
  return {.sender_mac = config.sender.mac,
          .receiver_mac = config.receiver.mac,
          .receiver = config.receiver.address};
}

Result<PathRun> run_path(const PathRunConfig& config, const Workload& workload) {
  Result<Turn> turn = Turn::set_up(config.turn);
  if (!turn) return tl::unexpected(turn.error());
  Timeline timeline(config.steps, config.turn.ports, turn->engine());
  HostTraffic host(turn->topology(), config.turn.host);
  const Result<Sending> sending =
      send_and_watch(config, turn->topology().sender(), workload, &turn->engine());
  const Result<std::vector<DoneStep>> steps = timeline.finish();
  Result<HostReport> host_report = host.finish();
  if (!sending) return tl::unexpected(sending.error());
  const ReplayReport* const sent = &sending->report;
  if (!host_report) return fail("the hosts' own traffic", host_report.error());
  if (!steps) return tl::unexpected(steps.error());
  const Result<Reading> reading = read_at_rest(config, *turn, *sent);
  if (!reading && reading.error().code != ETIMEDOUT) return tl::unexpected(reading.error());

  PathRun run;
  run.path = config.turn.path;
  const std::string mode = turn->engine().mode();
  const bool af_xdp_path = is_af_xdp(config.turn.path);
  const AfXdpReceiver* const af_xdp = turn->engine().af_xdp();
  const std::uint32_t all_queues = queues_of(config.turn, turn->topology());
  const std::uint32_t queues = af_xdp != nullptr ? af_xdp->queues() : all_queues;
  Result<CounterTables> counters = turn->counter_tables();
  if (!counters) return fail("read every counter", counters.error());
  EngineThread::Outcome outcome = turn->engine().stop();
  if (!outcome.status) return fail("receive", outcome.status.error());
  Result<Witnessed> witnessed = turn->stop_witnesses();
  if (!witnessed) return tl::unexpected(witnessed.error());

  if (!reading) run.invalid.push_back(reading.error().message());
  run.invalid.insert(run.invalid.end(), witnessed->incomplete.begin(), witnessed->incomplete.end());
  note_sender(*sent, run.invalid);
  note_host(*host_report, *sent, run.invalid);

  // A path through the stack holds its ports, as a companion of one's own does.
  run.companion = af_xdp_path ? config.turn.receiver.companion : Companion::kOwn;
  run.receiver = circumstances_of(config.turn.receiver);
  run.every_queue = queues == all_queues;
  run.counters = outcome.counters;
  const Reading last = reading.value_or(Reading{});
  run.uncounted = last.receiver.nic_drop.missing;
  if (af_xdp_path) {
    run.accounts = accounts_of(last, *sent, outcome.consumed.datagrams);
    run.result = path_result(config.turn.path, last, *sent, outcome.consumed.delivery);
  } else {
    run.accounts = socket_accounts_of(last, *sent, witnessed->not_ipv4, outcome.consumed.datagrams);
    run.result =
        socket_path_result(config.turn.path, last, *sent, witnessed->not_ipv4, outcome.consumed.delivery);
  }
  run.accounts.push_back(outcome.consumed.delivery.account());
  run.result.delivered = outcome.consumed.datagrams;
  run.result.counters = std::move(*counters);
  note_measures(
      config, workload,
      {.sent = *sent, .use = sending->use, .waits = std::move(outcome.waits), .ages = outcome.consumed.ages},
      run);
  run.result.mode = mode;
  run.result.queues = queues;
  run.result.setup = turn->setup_times();
  if (af_xdp_path) run.result.host_digest = witnessed->host.to_string();
  if (!config.streams.empty()) run.ports = check_ports(config, *sent, *steps, outcome, *witnessed);
  run.numbers = outcome.consumed.delivery.numbers();
  run.delivered = std::move(outcome.consumed.delivery).take_digest();
  run.slow = std::move(outcome.consumed.slow);
  run.names = std::move(outcome.consumed.names);
  run.witnessed = std::move(*witnessed);
  run.host_report = std::move(*host_report);
  if (config.keep) config.keep(turn->topology());
  return run;
}

Result<SenderAlone> run_sender_alone(const PathRunConfig& config, const Workload& workload) {
  const Result<LinkedHosts> topology = make_two_hosts(config.turn.hosts());
  if (!topology) return tl::unexpected(topology.error());
  const LinkedHosts::End& receiver = topology->receiver();
  std::vector<XdpDropper> droppers;
  for (const LinkedHosts::Device& device : receiver.devices()) {
    Result<XdpDropper> dropper = XdpDropper::attach(receiver.ns, device.index);
    if (!dropper) return tl::unexpected(dropper.error());
    droppers.push_back(std::move(*dropper));
  }
  const Result<Sending> sending = send_and_watch(config, topology->sender(), workload, nullptr);
  if (!sending) return tl::unexpected(sending.error());
  return SenderAlone{.use = sending->use, .missed_rate = sending->report.missed_rate};
}

Result<OracleRun> run_udp_oracle(const PathRunConfig& config, const Workload& workload) {
  TwoHostsConfig hosts = config.turn.hosts();
  hosts.gro =
      needs_napi(config.sender) || hosts.demand.decoupled;  // merges nothing: no socket asks for UDP_GRO
  Result<LinkedHosts> topology = make_two_hosts(hosts);
  if (!topology) return tl::unexpected(topology.error());
  if (Status s = let_speak(*topology, hosts); !s) return tl::unexpected(s.error());
  const LinkedHosts::End& receiver = topology->receiver();
  OracleRun run;
  Result<UdpOracle> sockets =
      UdpOracle::start(receiver.ns, config.turn.ports,
                       [&run](const Endpoint& source, const Endpoint& destination, auto payload) {
                         if (!stream_number(source.address, payload))
                           run.delivered.add_datagram(source, destination, payload);
                       });
  if (!sockets) return tl::unexpected(sockets.error());
  HostTraffic host(*topology, config.turn.host);
  const Result<ReplayReport> sent = send(config, topology->sender(), workload, nullptr);
  Result<HostReport> host_report = host.finish();
  if (!sent) return tl::unexpected(sent.error());
  if (!host_report) return fail("the hosts' own traffic", host_report.error());
  const Result<HostCounters> counters =
      wait_for_quiesce([&] { return read_host_counters(receiver.ns); }, kQuiesceTimeout, kQuiescePause);
  if (!counters && counters.error().code != ETIMEDOUT) return tl::unexpected(counters.error());
  const Result<UdpOracle::Report> report = sockets->stop();
  if (!report) return tl::unexpected(report.error());

  if (!counters) {
    run.invalid.push_back(counters.error().message());
  } else if (counters->udp_buffer_full != 0) {
    run.invalid.push_back(fmt::format("{} datagrams found a socket buffer full", counters->udp_buffer_full));
  }
  note_sender(*sent, run.invalid);
  note_host(*host_report, *sent, run.invalid);
  run.host_report = std::move(*host_report);
  return run;
}

}  // namespace penstock
