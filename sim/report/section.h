// One scenario's part of the page (page.h): the latest run in full, then the history.
//
// Thread safety: no state.
#pragma once

#include <string>

#include "sim/report/groups.h"

namespace penstock {

std::string group_section(const RunGroup& group);

}  // namespace penstock
