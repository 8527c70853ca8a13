// Which scenarios of the files given a command is for: `--filter`.
//
// Thread safety: no state.
#pragma once

#include <span>
#include <string>

#include "sim/scenario/scenario.h"

namespace penstock {

// Whether the scenario has every one of the filters. A filter is
//   tag:WORD     one of its tags
//   size:WORD    its size
//   a pattern    its name, with the choices of a matrix; '*' stands for anything
//   a word       part of its name
bool chosen_by(std::span<const std::string> filters, const Scenario& scenario);

// '*' stands for any characters, also none; everything else for itself.
bool matches(std::string_view pattern, std::string_view text);

// A name as that of a folder: letters, digits, '_', '.' and '-'; one '-' for what stands between.
// "first_light[queues=4]" becomes "first_light-queues-4".
std::string folder_name(std::string_view name);

}  // namespace penstock
