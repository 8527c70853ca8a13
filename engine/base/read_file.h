// A whole file in memory, of /proc and /sys too.
//
// Thread safety: functions.
#pragma once

#include <filesystem>
#include <string>

#include "engine/base/result.h"

namespace penstock {

// All of its bytes, as they are. Errors: "read FILE", with the errno; EISDIR for a folder.
Result<std::string> read_file(const std::filesystem::path& file);

// Without its end; empty when there is none, or the file cannot be read: for what a kernel may not say.
std::string first_line_of(const std::filesystem::path& file);

}  // namespace penstock
