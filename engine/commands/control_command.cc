// Asking, and passing on.
#include "engine/commands/control_command.h"

#include <fmt/format.h>

#include "engine/control/control_client.h"

namespace penstock {
namespace {

// An engine that answers at all has done so by then (running_engine_live.cc).
constexpr Nanoseconds kPatience = 30 * kSecond;

}  // namespace

Status command_engine(const ControlCommand& command) {
  const Result<ControlAnswer> answer = ask_engine(command.control, command.request, kPatience);
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->done) return fail(answer->text);
  fmt::print("{}\n", answer->text);
  return {};
}

}  // namespace penstock
