// Making the workload, sending it when told.
#include "sim/remote/serve.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "engine/version/version.h"
#include "sim/remote/line_channel.h"
#include "sim/remote/protocol.h"
#include "sim/replay/senders.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/scenario_run.h"
#include "sim/topology/host_frames.h"
#include "sim/topology/link.h"
#include "sim/topology/port_counters.h"
#include "sim/topology/quiesce.h"
#include "sim/workload/workload.h"

namespace penstock {
namespace {

constexpr Nanoseconds kForever = 365 * 24 * 3'600 * kSecond;
constexpr Nanoseconds kSettleTimeout = 10 * kSecond;
constexpr Nanoseconds kSettlePause = 25 * kMillisecond;
constexpr Nanoseconds kReadyTimeout = 20 * kSecond;
constexpr int kLookMs = 100;

// While sending, the run says nothing: whatever comes in is its end.
class EndWatch {
 public:
  explicit EndWatch(int input) : thread_([this, input](const std::stop_token& over) { run(input, over); }) {}
  std::stop_token token() const { return ended_.get_token(); }

 private:
  void run(int input, const std::stop_token& over) {
    while (!over.stop_requested()) {
      pollfd watched{.fd = input, .events = POLLIN, .revents = 0};
      if (poll(&watched, 1, kLookMs) <= 0) continue;
      ended_.request_stop();
      return;
    }
  }

  std::stop_source ended_;
  std::jthread thread_;  // last: uses the other
};

Result<Scenario> find_case(const RemoteTask& task) {
  auto scenarios = parse_scenarios(task.scenario, "the scenario");
  if (!scenarios) return tl::unexpected(scenarios.error());
  for (Scenario& scenario : *scenarios) {
    if (scenario.name != task.name) continue;
    scenario.workload.seed = task.seed;
    return std::move(scenario);
  }
  return fail(fmt::format("the scenario has no case '{}'", task.name));
}

class Serving {
 public:
  explicit Serving(LineChannel& channel) : channel_(channel) {}

  Status run() {
    if (Status s = say(RemoteHello{kRemoteProtocol, std::string(version())}); !s) return s;
    for (;;) {
      const Result<std::string> line = channel_.read_line(kForever);
      if (!line) return line.error().code == ECONNRESET ? Status{} : tl::unexpected(line.error());
      const Result<RemoteMessage> message = parse_line(*line);
      if (!message) return tl::unexpected(message.error());
      if (const auto* task = std::get_if<RemoteTask>(&*message)) {
        if (Status s = prepare(*task); !s) return s;
      } else if (std::holds_alternative<RemoteSend>(*message) && workload_) {
        if (Status s = send(); !s) return s;
      } else {
        return fail("a message out of order", EPROTO);
      }
    }
  }

 private:
  Status say(const RemoteMessage& message) { return channel_.write_line(to_line(message)); }

  Status prepare(const RemoteTask& task) {
    if (workload_) return fail("a second task", EPROTO);
    Result<Scenario> scenario = find_case(task);
    if (!scenario) return tl::unexpected(scenario.error());
    plan_ = plan_of(*scenario);
    Result<Workload> workload = make_workload(*scenario);
    if (!workload) return tl::unexpected(workload.error());
    workload_.emplace(std::move(*workload));
    if (Status s = take_interface(task.interface); !s) return s;
    return say(RemoteReady{workload_->frames().size(), fingerprint(*workload_), mac_.to_string()});
  }

  Status take_interface(const std::string& interface) {
    Result<NetNamespace> here = NetNamespace::current();
    if (!here) return tl::unexpected(here.error());
    const Result<LinkReader> links = LinkReader::open(*here);
    if (!links) return tl::unexpected(links.error());
    const Result<LinkState> link = links->read(interface);
    if (!link) return tl::unexpected(link.error());
    mac_ = link->mac;
    index_ = link->index;
    interface_ = interface;
    Result<PortCounterReader> counters = PortCounterReader::open(*here, interface);
    if (!counters) return tl::unexpected(counters.error());
    counters_.emplace(std::move(*counters));
    Result<HostFrames> host = HostFrames::attach_while_alive(*here, {interface, link->index});
    if (!host && host.error().code != EOPNOTSUPP) return tl::unexpected(host.error());
    if (host) host_.emplace(std::move(*host));
    return {};
  }

  Status send() {
    // The other end of the cable has just been set up anew.
    Result<NetNamespace> here = NetNamespace::current();
    if (!here) return tl::unexpected(here.error());
    if (Status s = wait_until_ready(*here, interface_, kReadyTimeout); !s) return s;
    const EndWatch end(channel_.input());
    const Result<PortCounters> before = counters_->read();
    if (!before) return tl::unexpected(before.error());
    const Result<Count> host_before = host_frames();
    if (!host_before) return tl::unexpected(host_before.error());
    const ReplayConfig config{
        .ifindex = static_cast<int>(index_),
        .pace = plan_.pace,
        .pps = plan_.pps,
        .progress = [this](std::uint64_t done,
                           std::uint64_t) { static_cast<void>(say(RemoteProgress{done})); },
        .stop = end.token()};
    RemoteSent sent;
    Result<ReplayReport> report = replay(plan_.sender, config, *workload_);
    if (!report && end.token().stop_requested()) return {};  // the reading side sees the end
    if (!report) return tl::unexpected(report.error());
    const Result<PortCounters> after = wait_for_quiesce([&] { return counters_->read(); }, kSettleTimeout,
                                                        std::max(kSettlePause, counters_->settling()));
    if (!after) return tl::unexpected(after.error());
    const Result<Count> host_after = host_frames();
    if (!host_after) return tl::unexpected(host_after.error());
    sent.report = std::move(*report);
    sent.device = after->since(*before);
    sent.host_frames = *host_after;
    sent.host_frames -= *host_before;
    return say(sent);
  }

  Result<Count> host_frames() const {
    if (!host_) return Count::unknown("host_frames of the sender's host: Linux 6.6 counts them");
    const Result<std::uint64_t> frames = host_->read();
    if (!frames) return tl::unexpected(frames.error());
    return Count(*frames);
  }

  LineChannel& channel_;
  RunPlan plan_{};
  std::optional<Workload> workload_;
  MacAddress mac_{};
  unsigned index_ = 0;
  std::string interface_;
  std::optional<PortCounterReader> counters_;
  std::optional<HostFrames> host_;
};

}  // namespace

int serve_remote_sender() {
  ::signal(SIGPIPE, SIG_IGN);
  LineChannel channel(UniqueFd(dup(STDIN_FILENO)), UniqueFd(dup(STDOUT_FILENO)));
  const Status served = Serving(channel).run();
  if (served) return 0;
  fmt::print(stderr, "runner: {}\n", served.error().message());
  static_cast<void>(channel.write_line(to_line(RemoteFailure{served.error().message()})));
  return 1;
}

}  // namespace penstock
