// Numbers by name as one line of text, "rx=4096 tx=512": how a port's settings stand in the journal and in
// results.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace penstock {

using Fields = std::map<std::string, std::uint64_t>;

std::string to_text(const Fields& fields);
Result<Fields> parse_fields(std::string_view text);

// Those of `fields` that `names` has too.
Fields only(const Fields& fields, const Fields& names);

}  // namespace penstock
