// Reads result.json (docs/result.md) back into values: for the report, and for the writer, which checks so
// what it wrote.
//
// Strict about what is there: every key of the first format must be present and of its type. Keys that came
// later may be absent, as in results of an older runner; keys that nobody here knows are passed over, as in
// results of a newer one. What to_json() wrote reads back as the same values.
//
// Thread safety: none needed, no state.
#pragma once

#include <filesystem>
#include <string_view>

#include "engine/base/result.h"
#include "sim/scenario/result.h"

namespace penstock {

// Errors name the place in the file: "result.json: /paths/0/offered must be a count". `name` stands for the
// file.
Result<RunResult> parse_result(std::string_view json, std::string_view name);

// The same from a file. Errors: also an unreadable file.
Result<RunResult> read_result(const std::filesystem::path& file);

}  // namespace penstock
