// Making one turn.
#include "sim/scenario/path_run.h"

#include <errno.h>

#include <map>
#include <utility>

#include <fmt/format.h>

#include "engine/base/clock.h"
#include "sim/scenario/engine_thread.h"
#include "sim/topology/quiesce.h"
#include "sim/topology/veth.h"
#include "sim/topology/veth_counters.h"

namespace penstock {
namespace {

// A turn that has not come to rest by then never will.
constexpr Nanoseconds kQuiesceTimeout = 10 * kSecond;
// Longer than the engine's idle wait, after which it looks at the kernel's counters again.
constexpr Nanoseconds kQuiescePause = 25 * kMillisecond;

// Everything that must stand still before an account is closed.
struct Reading {
  CounterSnapshot engine;
  VethCounters sender;
  VethCounters receiver;

  bool operator==(const Reading&) const = default;
};

// What one turn is made of, in the order in which it is built.
struct Turn {
  VethTopology topology;
  VethCounterReader sender_counters;
  VethCounterReader receiver_counters;
  std::unique_ptr<EngineThread> engine;

  Result<Reading> read() const {
    const Result<VethCounters> sender = sender_counters.read();
    if (!sender) return tl::unexpected(sender.error());
    const Result<VethCounters> receiver = receiver_counters.read();
    if (!receiver) return tl::unexpected(receiver.error());
    return Reading{engine->counters().traffic(), *sender, *receiver};
  }
};

VethConfig veth_config(const PathRunConfig& config) {
  return {.queues = config.queues};
}

Result<Turn> set_up(const PathRunConfig& config) {
  Result<VethTopology> topology = VethTopology::create(veth_config(config));
  if (!topology) return fail("make the veth topology", topology.error());
  auto sender_counters = VethCounterReader::open(topology->sender().ns, topology->sender().interface);
  if (!sender_counters) return fail("read the sender's counters", sender_counters.error());
  auto receiver_counters = VethCounterReader::open(topology->receiver().ns, topology->receiver().interface);
  if (!receiver_counters) return fail("read the receiver's counters", receiver_counters.error());

  const VethTopology::End& receiver = topology->receiver();
  const AfXdpConfig engine_config{
      .filter = config.path == Path::kKernelFilter ? Filter::kKernel : Filter::kUserspace,
      .interface = receiver.interface,
      .classifier = {.ports = config.ports, .mac = receiver.mac, .addresses = {receiver.address}},
      .queues = config.queues};
  auto engine = EngineThread::start(receiver.ns, engine_config);
  if (!engine) return fail(fmt::format("open {}", to_string(config.path)), engine.error());
  return Turn{std::move(*topology), std::move(*sender_counters), std::move(*receiver_counters),
              std::move(*engine)};
}

std::vector<AccountTerm> terms_by_label(const CounterSnapshot& counters, Counter counter) {
  const CounterInfo& info = counter_info(counter);
  std::vector<AccountTerm> terms;
  for (std::size_t value = 0; value < label_values(info.label); ++value) {
    terms.push_back(
        {fmt::format("{}{{{}}}", info.name, label_value(info.label, value)), counters.get(counter, value)});
  }
  return terms;
}

template <typename... More>
std::vector<AccountTerm> joined(std::vector<AccountTerm> terms, More... more) {
  (terms.insert(terms.end(), more.begin(), more.end()), ...);
  return terms;
}

// The equations of law 2 that hold for the AF_XDP paths on veth.
std::vector<Account> accounts_of(const Reading& reading, const ReplayReport& sent, std::uint64_t consumed) {
  const CounterSnapshot& c = reading.engine;
  const AccountTerm ring_drop{"ring_drop", reading.sender.tx_dropped};
  const AccountTerm redirect{"xdp_redirect", c.get(Counter::kXdpRedirect)};
  const std::vector<AccountTerm> published = terms_by_label(c, Counter::kPublished);
  return {
      Account("device", {{"tx_packets", reading.sender.tx_packets}, ring_drop},
              {{"generator", sent.sent.frames}, {"host_frames", 0}}),
      Account("program", {{"offered", sent.sent.frames}},
              joined(terms_by_label(c, Counter::kXdpPass), std::vector<AccountTerm>{ring_drop, redirect})),
      Account("driver", {{"xdp_packets", reading.receiver.xdp_packets}},
              joined(terms_by_label(c, Counter::kXdpPass), std::vector<AccountTerm>{redirect})),
      Account("socket", {redirect},
              {{"rx_descriptors", c.get(Counter::kRxDescriptors)},
               {"rx_ring_full", c.get(Counter::kRxRingFull)},
               {"rx_dropped", c.get(Counter::kRxDropped)}}),
      Account(
          "engine", {{"rx_descriptors", c.get(Counter::kRxDescriptors)}},
          joined(published, std::vector<AccountTerm>{{"returned_to_host", c.get(Counter::kReturnedToHost)}},
                 terms_by_label(c, Counter::kDiscarded))),
      Account("consumer", published, {{"consumed", consumed}}),
  };
}

std::map<std::string, std::uint64_t> by_label(const CounterSnapshot& counters, Counter counter) {
  const CounterLabel label = counter_info(counter).label;
  std::map<std::string, std::uint64_t> counts;
  for (std::size_t value = 0; value < label_values(label); ++value) {
    if (const std::uint64_t count = counters.get(counter, value); count != 0)
      counts[label_value(label, value)] = count;
  }
  return counts;
}

PathResult path_result(const PathRunConfig& config, const Reading& reading, const ReplayReport& sent,
                       const Delivery& delivery) {
  const CounterSnapshot& c = reading.engine;
  PathResult result;
  result.path = to_string(config.path);
  result.queues = config.queues;
  result.offered = sent.sent.frames;
  result.delivered = delivery.datagrams();
  // What the program passes and what the userspace filter passes are the same judgement in two places.
  result.passed = by_label(c, Counter::kXdpPass);
  for (const auto& [reason, count] : by_label(c, Counter::kFilterPass))
    result.passed[reason] += count;
  result.lost = by_label(c, Counter::kDiscarded);
  const std::pair<const char*, std::uint64_t> kernel_losses[] = {
      {"ring_drop", reading.sender.tx_dropped},
      {"rx_ring_full", c.get(Counter::kRxRingFull)},
      {"rx_dropped", c.get(Counter::kRxDropped)}};
  for (const auto& [cause, count] : kernel_losses) {
    if (count != 0) result.lost[cause] = count;
  }
  result.payload_digest = delivery.digest().to_string();
  result.shreds = delivery.shreds();
  return result;
}

}  // namespace

LinkAddresses path_link() {
  const VethConfig config;
  return {.sender_mac = config.sender.mac,
          .receiver_mac = config.receiver.mac,
          .receiver = config.receiver.address};
}

Result<PathRun> run_path(const PathRunConfig& config, const Workload& workload) {
  Result<Turn> turn = set_up(config);
  if (!turn) return tl::unexpected(turn.error());
  const VethTopology::End& sender = turn->topology.sender();

  const PacketSenderConfig sender_config{.ifindex = static_cast<int>(sender.index),
                                         .pace = config.pace,
                                         .pps = config.pps,
                                         .progress = config.progress};
  const Result<ReplayReport> sent =
      run_in(sender.ns, [&] { return replay_packets(sender_config, workload); });
  if (!sent) return fail("send the workload", sent.error());
  const Result<Reading> quiet =
      wait_for_quiesce([&] { return turn->read(); }, kQuiesceTimeout, kQuiescePause);
  if (!quiet && quiet.error().code != ETIMEDOUT) return tl::unexpected(quiet.error());

  PathRun run;
  const std::string mode = turn->engine->mode();
  EngineThread::Outcome outcome = turn->engine->stop();
  if (!outcome.status) return fail("receive", outcome.status.error());
  if (!quiet) run.invalid.push_back(quiet.error().message());
  if (sent->missed_rate)
    run.invalid.push_back(fmt::format("the sender missed its rate: {} frames/s", sent->rate_pps()));

  const Reading reading = quiet.value_or(Reading{});
  run.counters = outcome.counters;
  run.accounts = accounts_of(reading, *sent, outcome.delivery.datagrams());
  run.result = path_result(config, reading, *sent, outcome.delivery);
  run.result.mode = mode;
  run.delivered = std::move(outcome.delivery).take_digest();
  return run;
}

}  // namespace penstock
