// Announcing, supervising, ending.
#include "engine/commands/run_command.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/commands/announcement.h"
#include "engine/commands/better_way.h"
#include "engine/commands/config_file.h"
#include "engine/commands/engine_page.h"
#include "engine/commands/interface_wait.h"
#include "engine/commands/metrics_endpoint.h"
#include "engine/commands/running_engine.h"
#include "engine/commands/shut_in.h"
#include "engine/commands/signals.h"
#include "engine/commands/status_line.h"
#include "engine/config/run_config.h"
#include "engine/metrics/counters_file.h"
#include "engine/service/service_manager.h"

namespace penstock {
namespace {

// How long a request for fresh counters waits for the net thread, which comes round every 20 ms.
constexpr Nanoseconds kPatience = 200 * kMillisecond;

void say(const std::string& line) {
  fmt::print(stderr, "penstock: {}\n", line);
}

class RunCommand {
 public:
  // `endpoint`: null for none.
  RunCommand(const RunOptions& options, ConfigFile& file, ShutIn& shut_in, RunningEngine& engine,
             MetricsEndpoint* endpoint, ServiceManager& manager)
      : options_(options),
        file_(file),
        shut_in_(shut_in),
        config_(file.config()),
        engine_(engine),
        endpoint_(endpoint),
        manager_(manager),
        shown_at_(clock_.now()) {
    if (endpoint_ != nullptr) endpoint_->show(engine_);
    if (!config_.path && engine.opened().af_xdp == nullptr) {
      better_way_.emplace([this] { return shut_in_.ask_fresh_doctor(); }, engine.opened().receiver->path(),
                          options.look_again_seconds * kSecond);
    }
  }

  ~RunCommand() { hide_engine(); }
  RunCommand(const RunCommand&) = delete;
  RunCommand& operator=(const RunCommand&) = delete;

  void announce();
  // Until a signal or an error ends it.
  Status supervise(int signals);

 private:
  Status stop();
  void hide_engine();
  void tell_state();
  void tell_manager(const std::string& lines) { heed_manager(manager_.tell(lines)); }
  void heed_manager(const Status& told);
  Status write_counters() const;
  void show_status();
  void look_for_better_way();
  void heed_watchdog();
  void heed_napi();

  const RunOptions& options_;
  ConfigFile& file_;
  ShutIn& shut_in_;
  const RunConfig& config_;
  RunningEngine& engine_;
  MetricsEndpoint* const endpoint_;
  ServiceManager& manager_;
  bool manager_is_deaf_ = false;    // as it was said
  std::set<std::string> standing_;  // tiles, by thread name
  EngineState state_;
  const bool terminal_ = isatty(STDOUT_FILENO) == 1;
  std::optional<BetterWay> better_way_;
  MonotonicClock clock_;
  CounterSnapshot shown_;
  Nanoseconds shown_at_;
  std::vector<bool> shares_core_;  // of each net thread, as it was said
};

// A thread that hangs cannot be joined, so there is no clean way out: the kernel takes everything away, as it
// does for a killed process.
void RunCommand::heed_watchdog() {
  const std::vector<Watchdog::Change> changes = engine_.watch(clock_.now());
  bool exits = false;
  for (const Watchdog::Change& change : changes) {
    const std::string tile = label_value(CounterLabel::kTile, static_cast<std::size_t>(change.tile));
    const std::string thread = thread_name(change.tile, change.number);
    say(fmt::format("tile {} (thread {}) {}", tile, thread,
                    change.stands ? "stands still: it has not come round for 0.8 s" : "goes on"));
    if (change.stands) standing_.insert(thread);
    if (!change.stands) standing_.erase(thread);
    exits = exits || (change.stands && config_.on_stall == OnStall::kExit);
  }
  if (!changes.empty()) tell_state();
  if (!exits) return;
  if (Status s = write_counters(); !s) say(s.error().message());
  say("ends, for its supervisor to start it again (threads.on_stall)");
  std::fflush(nullptr);
  _exit(kStalledStatus);
}

void RunCommand::heed_napi() {
  shares_core_.resize(engine_.net_threads());
  for (std::size_t n = 0; n < shares_core_.size(); ++n) {
    const bool shares = engine_.shares_core(n);
    if (shares == shares_core_[n]) continue;
    shares_core_[n] = shares;
    const std::string thread = thread_name(TileKind::kNet, n);
    say(shares
            ? fmt::format("{} finds the kernel receiving on its core, and sleeps instead of asking: move the "
                          "interface's interrupts or NAPI threads, or set threads.net_cpus",
                          thread)
            : fmt::format("{} has its core for itself again, and goes on asking", thread));
  }
}

void RunCommand::tell_state() {
  state_.standing = fmt::format("{}", fmt::join(standing_, " "));
  state_.better_way = better_way_ && better_way_->found();
  if (endpoint_ != nullptr) endpoint_->set_state(state_);
  tell_manager("STATUS=" + (state_.standing.empty() ? receiving_line(config_, engine_)
                                                    : "stands still: " + state_.standing));
}

// Told again and again, said once: its watchdog asks every few seconds.
void RunCommand::heed_manager(const Status& told) {
  if (!told && !manager_is_deaf_) say(told.error().message());
  manager_is_deaf_ = manager_is_deaf_ || !told;
}

void RunCommand::hide_engine() {
  if (endpoint_ != nullptr) endpoint_->hide("stopping");
}

void RunCommand::announce() {
  for (const std::string& remark : start_remarks(config_, engine_))
    say(remark);
  fmt::print("penstock: {}\n", receiving_line(config_, engine_));
  std::fflush(stdout);
  tell_manager("READY=1\nSTATUS=" + receiving_line(config_, engine_));
}

Status RunCommand::supervise(int signals) {
  std::vector<pollfd> wanted = {{signals, POLLIN, 0}, {shut_in_.broker_ended_fd(), POLLIN, 0}};
  for (const int fd : engine_.ended_fds())
    wanted.push_back({fd, POLLIN, 0});
  for (;;) {
    const Nanoseconds until_round =
        std::clamp(engine_.watch_due() - clock_.now(), Nanoseconds{0}, Watchdog::kPeriod);
    const int ready = ::poll(wanted.data(), wanted.size(), static_cast<int>(until_round / kMillisecond) + 1);
    if (ready < 0 && errno != EINTR) return fail("wait for signals", errno);
    if (wanted[1].revents != 0) {
      static_cast<void>(stop());
      return ShutIn::broker_has_ended();
    }
    if (std::any_of(wanted.begin() + 2, wanted.end(), [](const pollfd& ended) { return ended.revents != 0; }))
      return stop();
    heed_watchdog();
    heed_manager(manager_.keep_alive(clock_.now()));
    heed_napi();
    if (const std::optional<std::string> news = engine_.capture_news()) say(*news);
    engine_.tend();
    if (terminal_) show_status();
    look_for_better_way();
    while (const std::optional<int> signal = next_signal(signals)) {
      if (signal == SIGHUP) {
        for (const std::string& line : file_.reload())
          say(line);
        continue;
      }
      if (signal != SIGUSR1) return stop();
      if (!engine_.refresh(kPatience)) say("a net thread hangs: the kernel's counters are old");
      if (Status s = write_counters(); !s) say(s.error().message());
    }
  }
}

void RunCommand::look_for_better_way() {
  if (!better_way_) return;
  if (const std::optional<std::string> way = better_way_->look(clock_.now()))
    say(fmt::format("what kept a faster way seems gone: a restart would now try {} first", *way));
  if (better_way_->found() != state_.better_way) tell_state();
}

void RunCommand::show_status() {
  const Nanoseconds now = clock_.now();
  if (now - shown_at_ < kSecond * 9 / 10) return;  // woken by a signal
  const CounterSnapshot total = engine_.snapshot();
  fmt::print("\r\x1b[K{}{}", engine_.interface_is_down() ? config_.interface + " is down; " : "",
             status_line(total.since(shown_), now - shown_at_, total));
  std::fflush(stdout);
  shown_ = total;
  shown_at_ = now;
}

Status RunCommand::write_counters() const {
  if (options_.counters.empty()) return {};
  return write_counters_file(options_.counters, engine_page(config_, engine_, state_));
}

Status RunCommand::stop() {
  tell_manager("STOPPING=1\nSTATUS=stopping");
  hide_engine();
  const Status ended = engine_.stop();
  if (terminal_) fmt::print("\n");
  for (const std::string& line : last_words(config_, engine_))
    say(line);
  Status written = write_counters();
  if (!ended) return fail("receive on " + config_.interface, ended.error());
  return written;
}

bool has_gone(const Status& ended, const std::string& interface) {
  if (ended) return false;
  return ended.error().code == ENXIO || ended.error().code == ENODEV ||
         if_nametoindex(interface.c_str()) == 0;
}

// One engine after the other, as the interface goes and comes.
Status run_while_there(const RunOptions& options, ConfigFile& file, ShutIn& shut_in, int signals,
                       MetricsEndpoint* endpoint, ServiceManager& manager) {
  const RunConfig& config = file.config();
  bool ran = false;
  for (std::string said;;) {
    Status ended;
    if (Result<std::unique_ptr<RunningEngine>> engine = RunningEngine::start(config, shut_in.privileges());
        engine) {
      RunCommand command(options, file, shut_in, **engine, endpoint, manager);
      command.announce();
      ran = true;
      said.clear();
      ended = command.supervise(signals);
      if (!has_gone(ended, config.interface) || config.on_gone == OnGone::kEnd) return ended;
    } else if (!ran) {
      return tl::unexpected(engine.error());
    } else {
      ended = tl::unexpected(engine.error());  // it is back, and not ready yet
    }
    if (said != ended.error().message()) say(ended.error().message());
    if (said.empty()) say("waits for " + config.interface + " to come back");
    said = ended.error().message();
    static_cast<void>(manager.tell("STATUS=waits for " + config.interface + " to come back"));
    switch (wait_for_interface(config.interface, signals, shut_in.broker_ended_fd(), manager)) {
      case Waited::kThere:
        break;
      case Waited::kStopped:
        return {};
      case Waited::kBrokerEnded:
        return ShutIn::broker_has_ended();
    }
  }
}

}  // namespace

Status run_engine(const RunOptions& options) {
  Result<ServiceManager> manager = ServiceManager::from_environment();
  if (!manager) return tl::unexpected(manager.error());
  const Result<std::unique_ptr<ConfigFile>> file = ConfigFile::read(options.config);
  if (!file) return tl::unexpected(file.error());
  const RunConfig& config = (*file)->config();
  Result<ShutIn> shut_in = ShutIn::now(config, options.config);
  if (!shut_in) return tl::unexpected(shut_in.error());
  const Result<UniqueFd> signals = take_signals();
  if (!signals) return tl::unexpected(signals.error());
  const Result<std::unique_ptr<MetricsEndpoint>> endpoint = MetricsEndpoint::start(config);
  if (!endpoint) say("no metrics: " + endpoint.error().message());
  if (endpoint && *endpoint)
    say(fmt::format("metrics at http://{}/metrics", (*endpoint)->address().to_string()));
  return run_while_there(options, **file, *shut_in, signals->get(), endpoint ? endpoint->get() : nullptr,
                         *manager);
}

}  // namespace penstock
