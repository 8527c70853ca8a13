// One function a request.
#include "engine/commands/operator_request.h"

#include <string>

#include <fmt/format.h>

namespace penstock {
namespace {

ControlAnswer reload(ConfigFile& file, RunningEngine* engine) {
  const Reload reload = file.reload(engine);
  return {.done = !reload.failed, .text = fmt::format("{}", fmt::join(reload.lines, "\n"))};
}

ControlAnswer swap(RunningEngine* engine) {
  if (engine == nullptr) return {.text = "no XDP program is attached: it waits for its interface"};
  const Result<std::string> swapped = engine->swap_programs();
  return {.done = swapped.has_value(), .text = swapped ? *swapped : swapped.error().message()};
}

}  // namespace

ControlAnswer obey(std::string_view request, ConfigFile& file, RunningEngine* engine) {
  if (request == kReloadRequest) return reload(file, engine);
  if (request == kSwapRequest) return swap(engine);
  return {.text = "it knows no such request: is it of another version?"};
}

}  // namespace penstock
