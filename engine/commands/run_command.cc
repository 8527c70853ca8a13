// Opening, announcing, supervising, ending.
#include "engine/commands/run_command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/commands/better_way.h"
#include "engine/commands/shred_stage.h"
#include "engine/commands/status_line.h"
#include "engine/config/receiver_plan.h"
#include "engine/config/run_config.h"
#include "engine/metrics/counters_file.h"
#include "engine/receive/open_receiver.h"
#include "engine/tiles/fused_tile.h"
#include "engine/tiles/net_thread.h"
#include "engine/tiles/port_links.h"
#include "engine/tiles/sink_tile.h"
#include "engine/tiles/tile_thread.h"
#include "engine/tiles/watchdog.h"
#include "engine/xsk/queue_count.h"

namespace penstock {
namespace {

// How long a request for fresh counters waits for the net thread, which comes round every 20 ms.
constexpr Nanoseconds kPatience = 200 * kMillisecond;

void say(const std::string& line) {
  fmt::print(stderr, "penstock: {}\n", line);
}

// Taken by this thread only, and by every thread that it starts left alone.
Result<UniqueFd> take_signals() {
  signal(SIGPIPE, SIG_IGN);  // whoever reads our output may go before us
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1})
    sigaddset(&set, number);
  if (const int code = pthread_sigmask(SIG_BLOCK, &set, nullptr); code != 0)
    return fail("block signals", code);
  UniqueFd fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return fail("take signals", errno);
  return fd;
}

class Engine {
 public:
  static Result<std::unique_ptr<Engine>> start(const RunOptions& options, const RunConfig& config) {
    std::unique_ptr<Engine> engine(new Engine(options, config));
    if (Status s = engine->open(); !s) return tl::unexpected(s.error());
    engine->announce();
    return engine;
  }

  // Until a signal or an error ends it.
  Status supervise(int signals);

 private:
  Engine(const RunOptions& options, const RunConfig& config)
      : options_(options), config_(config), terminal_(isatty(STDOUT_FILENO) == 1) {}

  Status open();
  Status start_tiles();
  void announce() const;
  Status stop();
  Status write_counters() const;
  void show_status();
  void look_for_better_way();
  void watch_tiles();
  void heed_watchdog();
  CounterSnapshot snapshot() const {
    CounterSnapshot total = opened_.receiver->snapshot();
    total += sink_->counters().snapshot();
    if (shreds_) total += shreds_->counters().snapshot();
    total += watchdog_.counters().snapshot();
    return total;
  }

  RunOptions options_;
  RunConfig config_;
  bool terminal_;
  std::uint32_t queues_ = 0;  // of the interface
  OpenedReceiver opened_;
  std::optional<PortLinks> links_;
  std::optional<SinkTile> sink_;
  std::optional<FusedTile> fused_;
  std::unique_ptr<TileThread> sink_thread_;
  std::unique_ptr<ShredStage> shreds_;
  std::optional<BetterWay> better_way_;
  MonotonicClock clock_;
  CounterSnapshot shown_;
  Nanoseconds shown_at_ = 0;
  Watchdog watchdog_;
  std::unique_ptr<NetThread> net_;  // last, so that it ends before what it uses goes
};

Status Engine::open() {
  const Result<std::uint32_t> queues = count_rx_queues(config_.interface);
  if (!queues) return tl::unexpected(queues.error());
  queues_ = *queues;
  if (config_.receiver.sockets > queues_) {
    return fail(fmt::format("sockets = {}, but {} has {} RX queues", config_.receiver.sockets,
                            config_.interface, queues_),
                0, "lower `sockets`, or raise the number of queues (`ethtool -L`)");
  }
  Result<OpenedReceiver> opened = open_receiver(receiver_plan(config_, queues_));
  if (!opened) return fail("receive on " + config_.interface, opened.error());
  opened_ = std::move(*opened);
  if (!config_.path && opened_.af_xdp == nullptr)
    better_way_.emplace(options_.config, opened_.receiver->path(), options_.look_again_seconds * kSecond);
  return start_tiles();
}

// Consumers before the producer.
Status Engine::start_tiles() {
  const Receiver& receiver = *opened_.receiver;
  links_.emplace(config_.ports.size(), config_.link_depth, receiver.first_consumer_frame());
  sink_.emplace(receiver.memory(), config_.sink_digest);
  for (std::size_t i = 0; i < links_->ports(); ++i)
    sink_->read(links_->lines(i));
  if (config_.sink_thread) {
    Result<TileThread> thread =
        TileThread::start(*sink_, {.name = "pen-sink", .longest_sleep = kMillisecond});
    if (!thread) return fail("start the sink", thread.error());
    sink_thread_ = std::make_unique<TileThread>(std::move(*thread));
  } else {
    fused_.emplace(*links_, *sink_);
  }
  if (config_.shreds.stage != ShredStageKind::kOff) {
    auto shreds = ShredStage::start(config_.shreds, config_.ports, *links_, receiver.memory());
    if (!shreds) return tl::unexpected(shreds.error());
    shreds_ = std::move(*shreds);
  }
  Sink& output = fused_ ? static_cast<Sink&>(*fused_) : *links_;
  auto net = NetThread::start(*opened_.receiver, output, {.wait = config_.wait, .cpu = config_.net_cpu});
  if (!net) return tl::unexpected(net.error());
  net_ = std::move(*net);
  watch_tiles();
  shown_at_ = clock_.now();
  return {};
}

void Engine::watch_tiles() {
  watchdog_.watch(TileKind::kNet, net_->heartbeat());
  if (opened_.af_xdp != nullptr && opened_.af_xdp->return_path() != nullptr)
    watchdog_.watch(TileKind::kReturn, opened_.af_xdp->return_path()->heartbeat());
  if (sink_thread_) watchdog_.watch(TileKind::kSink, sink_thread_->heartbeat());
  if (shreds_) watchdog_.watch(TileKind::kShred, shreds_->heartbeat());
}

// A thread that hangs cannot be joined, so there is no clean way out: the kernel takes everything away, as it
// does for a killed process.
void Engine::heed_watchdog() {
  bool exits = false;
  for (const Watchdog::Change& change : watchdog_.round(clock_.now())) {
    const std::string tile = label_value(CounterLabel::kTile, static_cast<std::size_t>(change.tile));
    say(fmt::format("tile {} (thread pen-{}) {}", tile, tile,
                    change.stands ? "stands still: it has not come round for 0.8 s" : "goes on"));
    exits = exits || (change.stands && config_.on_stall == OnStall::kExit);
  }
  if (!exits) return;
  if (Status s = write_counters(); !s) say(s.error().message());
  say("ends, for its supervisor to start it again (threads.on_stall)");
  std::fflush(nullptr);
  _exit(kStalledStatus);
}

void Engine::announce() const {
  for (const std::string& step : opened_.steps_down)
    say("stepped down from " + step);
  for (const std::string& note : opened_.notes)
    say(note);
  for (std::size_t i = 0; i < config_.ports.size(); ++i) {
    if (config_.receiver.companion == Companion::kExternal && opened_.af_xdp != nullptr &&
        !opened_.af_xdp->companion().held_elsewhere(static_cast<std::uint8_t>(i)))
      say(fmt::format("nobody holds port {}: what the fast path leaves is answered with port-unreachable",
                      config_.ports[i]));
  }
  const std::string through = opened_.af_xdp == nullptr
                                  ? "sockets"
                                  : fmt::format("{} of {} queues, companion {}", opened_.af_xdp->queues(),
                                                queues_, to_string(config_.receiver.companion));
  fmt::print("penstock: receiving on {}: {}, {}, {}, ports {}, wait {}; {}\n", config_.interface,
             to_string(opened_.receiver->path()), opened_.receiver->mode(), through,
             fmt::join(config_.ports, " "), to_string(config_.wait),
             opened_.steps_down.empty() ? "as configured" : "less than configured, see above");
  std::fflush(stdout);
}

Status Engine::supervise(int signals) {
  std::array<pollfd, 2> wanted = {pollfd{signals, POLLIN, 0}, pollfd{net_->ended_fd(), POLLIN, 0}};
  for (;;) {
    const Nanoseconds until_round =
        std::clamp(watchdog_.due() - clock_.now(), Nanoseconds{0}, Watchdog::kPeriod);
    const int ready = ::poll(wanted.data(), wanted.size(), static_cast<int>(until_round / kMillisecond) + 1);
    if (ready < 0 && errno != EINTR) return fail("wait for signals", errno);
    if (wanted[1].revents != 0) return stop();
    heed_watchdog();
    if (terminal_) show_status();
    look_for_better_way();
    signalfd_siginfo taken{};
    while (read(signals, &taken, sizeof(taken)) == sizeof(taken)) {
      if (taken.ssi_signo != SIGUSR1) return stop();
      if (!net_->refresh(kPatience)) say("the net thread hangs: the kernel's counters are old");
      if (Status s = write_counters(); !s) say(s.error().message());
    }
  }
}

void Engine::look_for_better_way() {
  if (!better_way_) return;
  if (const std::optional<std::string> way = better_way_->look(clock_.now()))
    say(fmt::format("what kept a faster way seems gone: a restart would now try {} first", *way));
}

void Engine::show_status() {
  const Nanoseconds now = clock_.now();
  if (now - shown_at_ < kSecond * 9 / 10) return;  // woken by a signal
  const CounterSnapshot total = snapshot();
  fmt::print("\r\x1b[K{}{}", net_->interface_is_down() ? config_.interface + " is down; " : "",
             status_line(total.since(shown_), now - shown_at_, total));
  std::fflush(stdout);
  shown_ = total;
  shown_at_ = now;
}

Status Engine::write_counters() const {
  if (options_.counters.empty()) return {};
  const ReceiverInfo info{.path = std::string(to_string(opened_.receiver->path())),
                          .mode = opened_.receiver->mode(),
                          .steps_down = opened_.steps_down.size(),
                          .better_way = better_way_ && better_way_->found()};
  return write_counters_file(options_.counters,
                             prometheus_text(snapshot(), config_.ports) + receiver_info_text(info));
}

Status Engine::stop() {
  const Status ended = net_->stop();
  if (sink_thread_) sink_thread_->stop();
  if (shreds_) shreds_->stop();
  const CounterSnapshot total = snapshot();
  if (terminal_) fmt::print("\n");
  say(fmt::format("stopped after {} datagrams, {} of them by the slow way; {} lost",
                  total.get(Counter::kSinkConsumed), total.sum(Counter::kSlowWayPublished),
                  lost_frames(total)));
  if (shreds_) {
    say(fmt::format("of {} shreds {} were accepted and {} discarded; {} FEC sets finished",
                    total.get(Counter::kShredConsumed), total.get(Counter::kShredAccepted),
                    total.sum(Counter::kShredDiscarded), total.get(Counter::kFecSetsFinished)));
  }
  if (config_.sink_digest) say("payload digest " + sink_->digest().to_string());
  Status written = write_counters();
  if (!ended) return fail("receive on " + config_.interface, ended.error());
  return written;
}

}  // namespace

Status run_engine(const RunOptions& options) {
  const Result<RunConfig> config = read_run_config(options.config);
  if (!config) return tl::unexpected(config.error());
  const Result<UniqueFd> signals = take_signals();
  if (!signals) return tl::unexpected(signals.error());
  const Result<std::unique_ptr<Engine>> engine = Engine::start(options, *config);
  if (!engine) return tl::unexpected(engine.error());
  return (*engine)->supervise(signals->get());
}

}  // namespace penstock
