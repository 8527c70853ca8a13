// One engine after the other.
#include "engine/commands/run_command.h"

#include <errno.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/commands/config_file.h"
#include "engine/commands/interface_wait.h"
#include "engine/commands/metrics_endpoint.h"
#include "engine/commands/operator_request.h"
#include "engine/commands/present_interfaces.h"
#include "engine/commands/running_engine.h"
#include "engine/commands/shut_in.h"
#include "engine/commands/signals.h"
#include "engine/commands/supervisor.h"
#include "engine/config/run_config.h"
#include "engine/service/service_manager.h"

namespace penstock {
namespace {

// Whether an engine on `config` ended because one of its interfaces went away.
bool has_gone(const Error& ended, const RunConfig& config) {
  return ended.code == ENXIO || ended.code == ENODEV || !missing_interfaces(config).empty();
}

// One engine after the other, as interfaces go and come.
class Engines {
 public:
  explicit Engines(const Surroundings& around) : around_(around) {}

  Status run() {
    for (;;) {
      // What is missing at the first start is an error, and the start says so.
      const std::vector<std::string> awaited = ran_ ? missing_interfaces(file()) : std::vector<std::string>();
      const std::optional<RunConfig> config = without(file(), awaited);
      if (config) {
        const Result<Supervisor::Ended> ended = run_one(*config, awaited);
        if (ended && *ended == Supervisor::Ended::kToldTo) return {};
        if (ended) continue;
        const bool received = std::exchange(received_, false);
        // One that does not start behind another is on an interface that is back, and not ready yet.
        const bool goes_on =
            received ? has_gone(ended.error(), *config) && file().on_gone == OnGone::kWait : ran_;
        if (!goes_on) return tl::unexpected(ended.error());
        if (said_ != ended.error().message()) say(ended.error().message());
        said_ = ended.error().message();
        // Some are still there, and the engine was on them until now.
        if (received && without(file(), missing_interfaces(file()))) continue;
      }
      switch (wait()) {
        case Waited::kThere:
          break;
        case Waited::kStopped:
          return {};
        case Waited::kToReload:
          static_cast<void>(obey_aloud(around_, kReloadRequest, nullptr));
          break;
        case Waited::kBrokerEnded:
          return ShutIn::broker_has_ended();
      }
    }
  }

 private:
  const RunConfig& file() const { return around_.file.config(); }

  Result<Supervisor::Ended> run_one(const RunConfig& config, const std::vector<std::string>& awaited) {
    const auto engine = RunningEngine::start(config, around_.shut_in.privileges());
    if (!engine) return tl::unexpected(engine.error());
    Supervisor supervisor(around_, config, awaited, **engine);
    if (!awaited.empty()) say(fmt::format("does without {} until it is back", fmt::join(awaited, " and ")));
    supervisor.announce();
    ran_ = received_ = true;
    said_.clear();
    waits_ = false;
    return supervisor.supervise();
  }

  Waited wait() {
    const std::string what =
        fmt::format("waits for {} to come back", fmt::join(interfaces_of(file()), " or "));
    if (!std::exchange(waits_, true)) say(what);
    if (around_.endpoint != nullptr) around_.endpoint->hide(what);
    static_cast<void>(around_.manager.tell("STATUS=" + what));
    return wait_for_interface(interfaces_of(file()), around_.signals, around_.shut_in.broker_ended_fd(),
                              around_.manager, [this] { tend_control(around_, nullptr); });
  }

  const Surroundings around_;
  bool ran_ = false;       // an engine has, so that the file is good
  bool received_ = false;  // the last one did
  bool waits_ = false;     // as it was said
  std::string said_;       // why the last one ended or did not start
};

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
  std::optional<ControlDoor> control;
  if (!options.control.empty()) {
    Result<ControlDoor> door = ControlDoor::open(options.control);
    if (!door) say("no commands: " + door.error().message());
    if (door) control.emplace(std::move(*door));
  }
  return Engines({.options = options,
                  .file = **file,
                  .shut_in = *shut_in,
                  .signals = signals->get(),
                  .endpoint = endpoint ? endpoint->get() : nullptr,
                  .manager = *manager,
                  .control = control ? &*control : nullptr})
      .run();
}

}  // namespace penstock
