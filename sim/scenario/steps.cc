// Reading [[step]].
#include "sim/scenario/steps.h"

namespace penstock {
namespace {

// In the order of StepKind.
constexpr std::string_view kNames[] = {"add_port",     "remove_port",   "stall_consumer", "resume_consumer",
                                       "stall_engine", "resume_engine", "restart_engine", "kill_engine"};
static_assert(static_cast<std::size_t>(StepKind::kKillEngine) + 1 == std::size(kNames));

constexpr std::int64_t kLongestMs = 600'000;
constexpr std::int64_t kLongestDownMs = 60'000;

bool has_port(StepKind kind) {
  return kind == StepKind::kAddPort || kind == StepKind::kRemovePort;
}

}  // namespace

std::string_view to_string(StepKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

bool is_restart(StepKind kind) {
  return kind == StepKind::kRestartEngine || kind == StepKind::kKillEngine;
}

std::vector<Step> read_steps(TomlReader& root) {
  std::vector<Step> steps;
  bool stalled = false;  // the engine: it can do nothing else then
  bool keeps = false;    // the consumer, which has frames of this engine then
  for (TomlReader& table : root.tables("step")) {
    Step step;
    step.at = table.integer("at_ms", 0, kLongestMs) * kMillisecond;
    if (!steps.empty() && step.at < steps.back().at)
      table.reject("at_ms", "a step must not be earlier than the one before it");
    if (!table.has("do")) table.reject("do", "'do' is missing in [step]");
    step.kind = static_cast<StepKind>(table.choice("do", kNames, 0));
    step.port = static_cast<std::uint16_t>(table.integer("port", 1, 65535, 0));
    if (table.has("do") && has_port(step.kind) != table.has("port"))
      table.reject("port", has_port(step.kind) ? "this step needs a 'port'" : "this step takes no 'port'");
    step.down = table.integer("down_ms", 0, kLongestDownMs, 0) * kMillisecond;
    if (table.has("do") && table.has("down_ms") && !is_restart(step.kind))
      table.reject("down_ms", "this step takes no 'down_ms'");
    if (keeps && is_restart(step.kind))
      table.reject("do", "the consumer is stalled and keeps frames of this engine: resume_consumer first");
    keeps = step.kind == StepKind::kStallConsumer || (keeps && step.kind != StepKind::kResumeConsumer);
    if (stalled && step.kind != StepKind::kResumeEngine)
      table.reject("do", "the engine is stalled: only resume_engine can follow");
    stalled = step.kind == StepKind::kStallEngine;
    steps.push_back(step);
  }
  return steps;
}

}  // namespace penstock
