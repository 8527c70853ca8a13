// The files that a run leaves.
//
// Thread safety: functions.
#pragma once

#include <filesystem>
#include <string_view>

#include "engine/base/result.h"

namespace penstock {

// With all that are above it, where there is none.
Status make_folder(const std::filesystem::path& folder);
// Makes the file anew. Its folder must be there.
Status write_text(const std::filesystem::path& file, std::string_view text);

}  // namespace penstock
