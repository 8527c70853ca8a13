// Which commit this binary was built from.
#pragma once

#include <string_view>

namespace penstock {

// `git describe --always --dirty` at build time; "unknown" outside a checkout.
std::string_view version();

}  // namespace penstock
