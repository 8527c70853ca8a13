// What watches one running engine until it ends: signals, watchdog, service manager, status line, counters
// file, and whether there is something that a new engine would do better.
//
// Thread safety: the supervising thread's. Borrows everything.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/commands/better_way.h"
#include "engine/commands/config_file.h"
#include "engine/commands/engine_page.h"
#include "engine/commands/metrics_endpoint.h"
#include "engine/commands/run_command.h"
#include "engine/commands/running_engine.h"
#include "engine/commands/shut_in.h"
#include "engine/config/run_config.h"
#include "engine/control/control_door.h"
#include "engine/service/service_manager.h"

namespace penstock {

// What the process has once, for all its engines.
struct Surroundings {
  const RunOptions& options;
  ConfigFile& file;  // threads.on_stall is taken from it as it is
  ShutIn& shut_in;
  int signals;                // take_signals()
  MetricsEndpoint* endpoint;  // null for none
  ServiceManager& manager;
  ControlDoor* control;  // null for none
};

// Has what operators ask served; `engine`: null while none runs.
void tend_control(const Surroundings& around, RunningEngine* engine);
// Does what is asked, and says so. Returns the answer.
ControlAnswer obey_aloud(const Surroundings& around, std::string_view request, RunningEngine* engine);

// To stderr, with the program's name.
void say(const std::string& line);

class Supervisor {
 public:
  // Why an engine was stopped that could have gone on.
  enum class Ended : std::uint8_t {
    kToldTo,  // by a signal
    kBack,    // one of the awaited interfaces is there again
  };

  // `config`: what the engine was started with. `awaited`: interfaces of the file that it does without.
  Supervisor(const Surroundings& around, const RunConfig& config, const std::vector<std::string>& awaited,
             RunningEngine& engine);
  ~Supervisor() { hide_engine(); }
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  void announce();
  // The engine is stopped when it returns. Errors: what ended it.
  Result<Ended> supervise();

 private:
  Status stop();
  Result<Ended> stop_for(Ended why);
  void hide_engine();
  void tell_state();
  void tell_manager(const std::string& lines) { heed_manager(around_.manager.tell(lines)); }
  void heed_manager(const Status& told);
  Status write_counters() const;
  void show_status();
  void look_for_better_way();
  void heed_watchdog();
  void heed_napi();
  bool one_is_back();

  const Surroundings around_;
  const RunConfig& config_;
  const std::vector<std::string>& awaited_;
  RunningEngine& engine_;
  bool manager_is_deaf_ = false;           // as it was said
  std::vector<std::uint16_t> told_ports_;  // to the manager
  std::set<std::string> standing_;         // tiles, by thread name
  EngineState state_;
  const bool terminal_ = isatty(STDOUT_FILENO) == 1;
  std::optional<BetterWay> better_way_;
  MonotonicClock clock_;
  CounterSnapshot shown_;
  Nanoseconds shown_at_;
  std::vector<bool> shares_core_;  // of each net thread, as it was said
};

}  // namespace penstock
