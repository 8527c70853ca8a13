// Base58 as Bitcoin and Solana write keys and hashes: digits without 0, O, I and l, one leading '1'
// for each leading zero byte. Debian has no library for it.
//
// Thread safety: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace penstock {

// At most 64 bytes: a key, a hash or a signature.
std::string to_base58(std::span<const std::byte> bytes);

// A value of exactly 32 bytes: a public key or a hash. Refuses a wrong digit and any other size.
Result<std::array<std::byte, 32>> key_from_base58(std::string_view text);

}  // namespace penstock
