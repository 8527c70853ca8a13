// One round after the other, until something ends the engine.
#include "engine/commands/supervisor.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include <fmt/format.h>

#include "engine/commands/announcement.h"
#include "engine/commands/operator_request.h"
#include "engine/commands/signals.h"
#include "engine/commands/status_line.h"
#include "engine/metrics/counters_file.h"

namespace penstock {
namespace {

// How long a request for fresh counters waits for the net thread, which comes round every 20 ms.
constexpr Nanoseconds kPatience = 200 * kMillisecond;

}  // namespace

void say(const std::string& line) {
  fmt::print(stderr, "penstock: {}\n", line);
}

ControlAnswer obey_aloud(const Surroundings& around, std::string_view request, RunningEngine* engine) {
  ControlAnswer answer = obey(request, around.file, engine);
  std::istringstream lines(answer.text);
  for (std::string line; std::getline(lines, line);)
    say(line);
  return answer;
}

void tend_control(const Surroundings& around, RunningEngine* engine) {
  if (around.control == nullptr) return;
  around.control->tend(MonotonicClock().now(),
                       [&](std::string_view request) { return obey_aloud(around, request, engine); });
}

Supervisor::Supervisor(const Surroundings& around, const RunConfig& config,
                       const std::vector<std::string>& awaited, RunningEngine& engine)
    : around_(around), config_(config), awaited_(awaited), engine_(engine), shown_at_(clock_.now()) {
  state_.leaders = leaders_of(around_.file.config().shreds);
  if (around_.endpoint != nullptr) around_.endpoint->set_state(state_);
  if (around_.endpoint != nullptr) around_.endpoint->show(engine_);
  if (!config_.path && engine.opened().af_xdp == nullptr) {
    better_way_.emplace([this] { return around_.shut_in.ask_fresh_doctor(); },
                        engine.opened().receiver->path(), around_.options.look_again_seconds * kSecond);
  }
}

// A thread that hangs cannot be joined, so there is no clean way out: the kernel takes everything away, as it
// does for a killed process.
void Supervisor::heed_watchdog() {
  const std::vector<Watchdog::Change> changes = engine_.watch(clock_.now());
  bool exits = false;
  for (const Watchdog::Change& change : changes) {
    const std::string tile = label_value(CounterLabel::kTile, static_cast<std::size_t>(change.tile));
    const std::string thread = thread_name(change.tile, change.number);
    say(fmt::format("tile {} (thread {}) {}", tile, thread,
                    change.stands ? "stands still: it has not come round for 0.8 s" : "goes on"));
    if (change.stands) standing_.insert(thread);
    if (!change.stands) standing_.erase(thread);
    exits = exits || (change.stands && around_.file.config().on_stall == OnStall::kExit);
  }
  if (!changes.empty()) tell_state();
  if (!exits) return;
  if (Status s = write_counters(); !s) say(s.error().message());
  say("ends, for its supervisor to start it again (threads.on_stall)");
  std::fflush(nullptr);
  _exit(kStalledStatus);
}

void Supervisor::heed_napi() {
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

void Supervisor::tell_state() {
  state_.standing = fmt::format("{}", fmt::join(standing_, " "));
  state_.better_way = better_way_ && better_way_->found();
  state_.leaders = leaders_of(around_.file.config().shreds);
  if (around_.endpoint != nullptr) around_.endpoint->set_state(state_);
  told_ports_ = engine_.ports();
  tell_manager("STATUS=" + (state_.standing.empty() ? receiving_line(config_, engine_)
                                                    : "stands still: " + state_.standing));
}

// Told again and again, said once: its watchdog asks every few seconds.
void Supervisor::heed_manager(const Status& told) {
  if (!told && !manager_is_deaf_) say(told.error().message());
  manager_is_deaf_ = manager_is_deaf_ || !told;
}

void Supervisor::hide_engine() {
  if (around_.endpoint != nullptr) around_.endpoint->hide("stopping");
}

void Supervisor::announce() {
  for (const std::string& remark : start_remarks(config_, engine_))
    say(remark);
  fmt::print("penstock: {}\n", receiving_line(config_, engine_));
  std::fflush(stdout);
  told_ports_ = engine_.ports();
  tell_manager("READY=1\nSTATUS=" + receiving_line(config_, engine_));
}

Result<Supervisor::Ended> Supervisor::supervise() {
  std::vector<pollfd> wanted = {{around_.signals, POLLIN, 0}, {around_.shut_in.broker_ended_fd(), POLLIN, 0}};
  for (const int fd : engine_.ended_fds())
    wanted.push_back({fd, POLLIN, 0});
  const auto behind_ended = static_cast<std::ptrdiff_t>(wanted.size());
  if (around_.control != nullptr) wanted.push_back({around_.control->fd(), POLLIN, 0});
  for (;;) {
    const Nanoseconds until_round =
        std::clamp(engine_.watch_due() - clock_.now(), Nanoseconds{0}, Watchdog::kPeriod);
    const int ready = ::poll(wanted.data(), wanted.size(), static_cast<int>(until_round / kMillisecond) + 1);
    if (ready < 0 && errno != EINTR) return fail("wait for signals", errno);
    if (wanted[1].revents != 0) {
      static_cast<void>(stop());
      return ShutIn::broker_has_ended();
    }
    if (std::any_of(wanted.begin() + 2, wanted.begin() + behind_ended,
                    [](const pollfd& ended) { return ended.revents != 0; }))
      return stop_for(Ended::kToldTo);  // if nothing was wrong
    heed_watchdog();
    heed_manager(around_.manager.keep_alive(clock_.now()));
    heed_napi();
    if (const std::optional<std::string> news = engine_.capture_news()) say(*news);
    engine_.tend();
    tend_control(around_, &engine_);
    const bool other_leaders = leaders_of(around_.file.config().shreds) != state_.leaders;
    if (engine_.ports() != told_ports_ || other_leaders) tell_state();
    if (terminal_) show_status();
    if (one_is_back()) return stop_for(Ended::kBack);
    look_for_better_way();
    while (const std::optional<int> signal = next_signal(around_.signals)) {
      if (signal == SIGHUP) {
        static_cast<void>(obey_aloud(around_, kReloadRequest, &engine_));
        continue;
      }
      if (signal != SIGUSR1) return stop_for(Ended::kToldTo);
      if (!engine_.refresh(kPatience)) say("a net thread hangs: the kernel's counters are old");
      if (Status s = write_counters(); !s) say(s.error().message());
    }
  }
}

void Supervisor::look_for_better_way() {
  if (!better_way_) return;
  if (const std::optional<std::string> way = better_way_->look(clock_.now()))
    say(fmt::format("what kept a faster way seems gone: a restart would now try {} first", *way));
  if (better_way_->found() != state_.better_way) tell_state();
}

void Supervisor::show_status() {
  const Nanoseconds now = clock_.now();
  if (now - shown_at_ < kSecond * 9 / 10) return;  // woken by a signal
  const CounterSnapshot total = engine_.snapshot();
  fmt::print("\r\x1b[K{}{}", engine_.interface_is_down() ? config_.interface + " is down; " : "",
             status_line(total.since(shown_), now - shown_at_, total));
  std::fflush(stdout);
  shown_ = total;
  shown_at_ = now;
}

Status Supervisor::write_counters() const {
  if (around_.options.counters.empty()) return {};
  return write_counters_file(around_.options.counters, engine_page(config_, engine_, state_));
}

// Asked at each round: an ioctl for each that is awaited.
bool Supervisor::one_is_back() {
  const auto back = std::find_if(awaited_.begin(), awaited_.end(),
                                 [](const std::string& name) { return if_nametoindex(name.c_str()) != 0; });
  if (back == awaited_.end()) return false;
  say(*back + " is back: starts anew with it");
  return true;
}

Result<Supervisor::Ended> Supervisor::stop_for(Ended why) {
  if (Status s = stop(); !s) return tl::unexpected(s.error());
  return why;
}

Status Supervisor::stop() {
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

}  // namespace penstock
