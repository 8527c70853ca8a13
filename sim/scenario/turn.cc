// Setting a turn up and reading its counters.
#include "sim/scenario/turn.h"

#include <errno.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "engine/config/af_xdp_config.h"
#include "sim/scenario/port_unreachables.h"
#include "sim/scenario/streams.h"
#include "sim/scenario/turn_counters.h"

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

// Of the engine at the receiver's end, which the scenario knows and nothing changes.
AfXdpConfig receiver_config(const TurnConfig& turn, const LinkedHosts::End& end) {
  AfXdpConfig config = af_xdp_config(turn.receiver, turn.path, turn.demand.queues);
  config.interface = end.interface;
  if (end.second) config.further = {{end.second->interface, config.queues}};
  config.classifier.ports = turn.ports;
  config.classifier.mac = end.mac;
  config.classifier.addresses = {end.address};
  return config;
}

std::vector<std::uint16_t> ports_that_stay(const TurnConfig& config) {
  std::vector<std::uint16_t> ports;
  for (const std::uint16_t port : config.ports) {
    if (std::find(config.changing.begin(), config.changing.end(), port) == config.changing.end())
      ports.push_back(port);
  }
  return ports;
}

EngineConfig engine_config(const TurnConfig& turn, const LinkedHosts::End& end) {
  return {.path = turn.path,
          .af_xdp = receiver_config(turn, end),
          .sockets = {.ports = turn.ports, .max_payload = turn.receiver.max_payload},
          .stamped = turn.stamped};
}

// A witness that missed something, as a reason for an invalid run.
void note_incomplete(const HostTap::Report& report, const std::string& which, std::vector<std::string>& to) {
  if (!report.complete())
    to.push_back(fmt::format("the tap on {} lost {} frames", which, report.dropped + report.truncated));
}

}  // namespace

// The counters of both ends, and of what is between them.
struct Turn::Counting {
  std::optional<EndCounters> sender{};  // none: it is on another host
  EndCounters receiver;
  std::optional<PortCounterReader> bridge{};  // its port to the receiver
  KernelCounters stack;                       // of the receiver's namespace, at the start

  static Result<std::unique_ptr<Counting>> start(const LinkedHosts& topology, bool remote) {
    auto receiver = EndCounters::open(topology.receiver());
    if (!receiver) return fail("at the receiver", receiver.error());
    auto stack = read_kernel_counters(topology.receiver().ns);
    if (!stack) return fail("at the receiver", stack.error());
    auto made =
        std::make_unique<Counting>(Counting{.receiver = std::move(*receiver), .stack = std::move(*stack)});
    if (remote) return made;
    auto sender = EndCounters::open(topology.sender());
    if (!sender) return fail("at the sender", sender.error());
    made->sender.emplace(std::move(*sender));
    if (!topology.bridge()) return made;
    auto bridge = PortCounterReader::open(topology.bridge()->ns, topology.bridge()->to_receiver);
    if (!bridge) return fail("read the bridge's counters", bridge.error());
    made->bridge.emplace(std::move(*bridge));
    return made;
  }

  // Of the sender's end, wherever it is.
  Status read_sender(const RemoteSender* remote, Reading& reading) const {
    if (remote != nullptr) {
      reading.sender = remote->last().device;
      reading.sender_host_frames = remote->last().host_frames;
      return {};
    }
    Result<PortCounters> device = sender->device();
    if (!device) return tl::unexpected(device.error());
    const Result<std::uint64_t> host = sender->host_frames();
    if (!host) return tl::unexpected(host.error());
    reading.sender = std::move(*device);
    reading.sender_host_frames = *host;
    return {};
  }
};

// The witnesses and what they have seen so far.
struct Turn::Watching {
  explicit Watching(const std::vector<std::uint16_t>& ports) : unreachables(ports) {}

  std::mutex mutex;  // the next four
  MultisetDigest host;
  std::vector<std::uint64_t> host_names;
  std::vector<std::uint64_t> streams_host;
  std::uint64_t not_ipv4 = 0;
  PortUnreachables unreachables;
  MultisetDigest held_elsewhere;
  std::vector<HostTap> host_taps;      // one a device; these three have threads: last
  std::optional<HostTap> answers_tap;  // on the sender's end: what comes back
  std::optional<UdpOracle> other_holder;

  static Result<std::unique_ptr<Watching>> start(const LinkedHosts& topology, const TurnConfig& config) {
    auto made = std::make_unique<Watching>(ports_that_stay(config));
    Watching* const self = made.get();
    const LinkedHosts::End& receiver = topology.receiver();
    const auto note = [self](std::span<const std::byte> frame) {
      const std::lock_guard lock(self->mutex);
      if (!is_for_ipv4(frame)) ++self->not_ipv4;
      if (const auto number = stream_number(frame)) {
        self->streams_host.push_back(*number);
      } else {
        self->host_names.push_back(self->host.add_frame(frame));
      }
    };
    for (const LinkedHosts::Device& device : receiver.devices()) {
      auto host = HostTap::start(receiver.ns, device.interface, note, HostTap::kBufferBytes,
                                 tap_filter(topology.sender(), config.hosts()));
      if (!host) return fail("watch the host's stack", host.error());
      self->host_taps.push_back(std::move(*host));
    }
    if (config.remote == nullptr) {
      auto answers = HostTap::start(
          topology.sender().ns, topology.sender().interface,
          [self](auto frame) { self->unreachables.add(frame); }, HostTap::kBufferBytes, "icmp");
      if (!answers) return fail("watch the host's answers", answers.error());
      self->answers_tap.emplace(std::move(*answers));
    }
    if (config.receiver.companion == Companion::kExternal) {
      auto holder = UdpOracle::start(receiver.ns, config.ports,
                                     [self](const auto& source, const auto& destination, auto payload) {
                                       self->held_elsewhere.add_datagram(source, destination, payload);
                                     });
      if (!holder) return fail("hold the ports", holder.error());
      self->other_holder.emplace(std::move(*holder));
    }
    return made;
  }
};

Turn::Turn(LinkedHosts topology, std::unique_ptr<Counting> counting, std::unique_ptr<Watching> watching,
           std::unique_ptr<EngineThread> engine, std::vector<RedirectErrors> errors, const TurnConfig& config)
    : topology_(std::move(topology)),
      counting_(std::move(counting)),
      watching_(std::move(watching)),
      engine_(std::move(engine)),
      redirect_errors_(std::move(errors)),
      attach_(config.receiver.attach),
      remote_(config.remote) {}
Turn::Turn(Turn&&) noexcept = default;
Turn::~Turn() = default;

Result<Turn> Turn::set_up(const TurnConfig& config) {
  const MonotonicClock clock;
  const Nanoseconds begun = clock.now();
  Result<LinkedHosts> topology = make_two_hosts(config.hosts());
  if (!topology) return tl::unexpected(topology.error());
  SetupTimes times{.topology = static_cast<std::uint64_t>(clock.now() - begun)};
  auto counting = Counting::start(*topology, config.remote != nullptr);
  if (!counting) return tl::unexpected(counting.error());
  auto watching = Watching::start(*topology, config);
  if (!watching) return tl::unexpected(watching.error());
  const LinkedHosts::End& receiver = topology->receiver();
  auto engine = EngineThread::start(receiver.ns, engine_config(config, receiver), config.shreds);
  if (!engine) return fail("open the receiver", engine.error());
  std::vector<RedirectErrors> errors;
  if (const AfXdpReceiver* af_xdp = (*engine)->af_xdp()) {
    for (std::size_t i = 0; i < af_xdp->interfaces(); ++i) {
      const Result<std::uint32_t> map_id = af_xdp->program(i).socket_map_id();
      if (!map_id) return tl::unexpected(map_id.error());
      auto attached = RedirectErrors::attach(*map_id);
      if (!attached) return fail("watch for failed redirects", attached.error());
      errors.push_back(std::move(*attached));
    }
  }
  // Last, so that the program sees every frame of the hosts.
  if (Status s = let_speak(*topology, config.hosts()); !s) return tl::unexpected(s.error());
  Turn turn(std::move(*topology), std::move(*counting), std::move(*watching), std::move(*engine),
            std::move(errors), config);
  times.receiver = static_cast<std::uint64_t>(clock.now() - begun);
  turn.setup_times_ = times;
  return turn;
}

Nanoseconds Turn::settling() const {
  const Nanoseconds receiver = counting_->receiver.settling();
  return counting_->sender ? std::max(counting_->sender->settling(), receiver) : receiver;
}

Result<Reading> Turn::read() const {
  const Result<PortCounters> receiver = counting_->receiver.device();
  if (!receiver) return tl::unexpected(receiver.error());
  const Result<std::uint64_t> receiver_host = counting_->receiver.host_frames();
  if (!receiver_host) return tl::unexpected(receiver_host.error());
  Reading reading{.engine = engine_->counters().traffic(),
                  .receiver = *receiver,
                  .receiver_host_frames = *receiver_host,
                  .attach = attach_};
  if (Status s = counting_->read_sender(remote_, reading); !s) return tl::unexpected(s.error());
  if (counting_->bridge) {
    const Result<PortCounters> bridge = counting_->bridge->read();
    if (!bridge) return tl::unexpected(bridge.error());
    reading.bridge_drop = bridge->tx_dropped;  // it is new, and has counted nothing before
  }
  for (const RedirectErrors& of_map : redirect_errors_) {
    const Result<RedirectErrorCounts> errors = of_map.read();
    if (!errors) return tl::unexpected(errors.error());
    reading.redirect_failed += uncounted_by_sockets(*errors);
  }
  if (redirect_errors_.empty()) {
    const Result<KernelCounters> stack = read_kernel_counters(topology_.receiver().ns);
    if (!stack) return tl::unexpected(stack.error());
    reading.stack = stack_counts(counting_->stack, *stack, receiver->rx_otherhost);
  }
  return reading;
}

Result<CounterTables> Turn::counter_tables() const {
  const Result<PortCounters> sender =
      remote_ != nullptr ? Result<PortCounters>(remote_->last().device) : counting_->sender->now();
  if (!sender) return tl::unexpected(sender.error());
  const Result<PortCounters> receiver = counting_->receiver.now();
  if (!receiver) return tl::unexpected(receiver.error());
  Result<KernelCounters> stack = read_kernel_counters(topology_.receiver().ns);
  if (!stack) return tl::unexpected(stack.error());
  const PortCounters sender_before = counting_->sender ? counting_->sender->before() : PortCounters{};
  return CounterTables{{"engine", {.before = {}, .after = table_of(engine_->counters())}},
                       {"sender", {table_of(sender_before), table_of(*sender)}},
                       {"receiver", {table_of(counting_->receiver.before()), table_of(*receiver)}},
                       {"stack", {counting_->stack, std::move(*stack)}}};
}

Result<Witnessed> Turn::stop_witnesses() {
  Witnessed seen;
  for (HostTap& tap : watching_->host_taps) {
    const Result<HostTap::Report> host = tap.stop();
    if (!host) return fail("watch the host's stack", host.error());
    note_incomplete(*host, "the host's stack", seen.incomplete);
  }
  if (watching_->answers_tap) {
    const Result<HostTap::Report> answers = watching_->answers_tap->stop();
    if (!answers) return fail("watch the host's answers", answers.error());
    note_incomplete(*answers, "the host's answers", seen.incomplete);
    seen.port_unreachables = watching_->unreachables.count();
  }
  if (watching_->other_holder) {
    const Result<UdpOracle::Report> held = watching_->other_holder->stop();
    if (!held) return fail("hold the ports", held.error());
  }
  seen.host = std::move(watching_->host);
  seen.host_names = std::move(watching_->host_names);
  seen.streams_host = std::move(watching_->streams_host);
  seen.not_ipv4 = watching_->not_ipv4;
  seen.held_elsewhere = std::move(watching_->held_elsewhere);
  return seen;
}

}  // namespace penstock
