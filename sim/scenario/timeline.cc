// Sleeping until each step.
#include "sim/scenario/timeline.h"

#include <errno.h>

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/wait.h"

namespace penstock {
Timeline::Timeline(std::span<const Step> steps, std::span<const std::uint16_t> listed, EngineThread& engine)
    : steps_(steps.begin(), steps.end()),
      listed_(listed.begin(), listed.end()),
      engine_(engine),
      start_(MonotonicClock().now()),
      done_(std::async(std::launch::async, [this] { return run(); })) {}

Result<std::vector<DoneStep>> Timeline::finish() {
  Result<std::vector<DoneStep>> done = done_.get();
  engine_.resume();
  const Status resumed = engine_.call([](Receiver&, FirstConsumer& consumer) -> Status {
    consumer.resume();
    return {};
  });
  if (done && !resumed) return tl::unexpected(resumed.error());
  return done;
}

Result<std::vector<DoneStep>> Timeline::run() {
  const MonotonicClock clock;
  std::vector<DoneStep> done;
  for (const Step& step : steps_) {
    sleep_until(start_ + step.at);
    const Nanoseconds begun = clock.now();
    if (const Status s = do_step(step); !s) {
      return fail(fmt::format("{} at {} ms", to_string(step.kind), step.at / kMillisecond), s.error());
    }
    done.push_back({step, begun, clock.now()});
  }
  return done;
}

Status Timeline::do_step(const Step& step) {
  switch (step.kind) {
    case StepKind::kAddPort:
      listed_.push_back(step.port);
      break;
    case StepKind::kRemovePort:
      listed_.erase(std::remove(listed_.begin(), listed_.end(), step.port), listed_.end());
      break;
    case StepKind::kStallConsumer:
      return engine_.call([](Receiver&, FirstConsumer& consumer) -> Status {
        consumer.stall();
        return {};
      });
    case StepKind::kResumeConsumer:
      return engine_.call([](Receiver&, FirstConsumer& consumer) -> Status {
        consumer.resume();
        return {};
      });
    case StepKind::kStallEngine:
      engine_.stall();
      return {};
    case StepKind::kResumeEngine:
      engine_.resume();
      return {};
    case StepKind::kRestartEngine:
    case StepKind::kKillEngine:
      return engine_.restart(listed_, step.down, step.kind == StepKind::kRestartEngine);
  }
  return engine_.set_ports(listed_);
}

}  // namespace penstock
