// Does a scenario's steps to the engine while traffic flows, each at its time, and notes when it was done.
//
// A step is done on the engine's thread, between two polls (EngineThread::call), but for a stall of the
// engine, which is that thread not polling.
//
// Thread safety: start and finish from one thread.
#pragma once

#include <future>
#include <set>
#include <span>
#include <thread>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "sim/scenario/engine_thread.h"
#include "sim/scenario/port_watch.h"
#include "sim/scenario/steps.h"

namespace penstock {

class Timeline {
 public:
  // Time 0 is now. `listed`: the ports that the engine lists. `engine` is borrowed.
  Timeline(std::span<const Step> steps, std::span<const std::uint16_t> listed, EngineThread& engine);

  // Waits until all steps are done, and ends stalls that no step ended.
  Result<std::vector<DoneStep>> finish();

 private:
  Result<std::vector<DoneStep>> run();
  Status do_step(const Step& step);

  std::vector<Step> steps_;
  std::vector<std::uint16_t> listed_;
  EngineThread& engine_;
  Nanoseconds start_;
  std::future<Result<std::vector<DoneStep>>> done_;
};

}  // namespace penstock
