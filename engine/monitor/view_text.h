// A view as text for people, as a line for a log, and as JSON for programs (docs/monitor.md lists its keys).
//
// Thread safety: pure functions.
#pragma once

#include <string>

#include "engine/monitor/view.h"

namespace penstock {

// At most 100 columns but for sentences, each line with its end. Plain text: no escape sequences.
std::string view_text(const MonitorView& view);

// One line, without its end: rates, losses, and what is wrong.
std::string view_line(const MonitorView& view);

// One object on one line, without its end.
std::string view_json(const MonitorView& view);
// {"error": "..."}: in place of a view when the engine does not answer.
std::string error_json(const std::string& message);

}  // namespace penstock
