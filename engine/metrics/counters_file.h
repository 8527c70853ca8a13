// A snapshot as a file, for whoever reads counters from outside: a testbed, node_exporter's textfile
// collector.
//
// Thread safety: none for one path.
#pragma once

#include <filesystem>
#include <string_view>

#include "engine/base/result.h"

namespace penstock {

// Replaces `file` as a whole: a reader sees the old text or the new one, never a part. `file` + ".new" is
// used on the way. Errors: what could not be done, with the path.
Status write_counters_file(const std::filesystem::path& file, std::string_view text);

}  // namespace penstock
