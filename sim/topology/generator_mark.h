// The mark (SO_MARK) of every frame that a generator sends through an interface's stack: what tells them from
// the host's own on the way out (host_frames.h).
#pragma once

#include <cstdint>

namespace penstock {

inline constexpr std::uint32_t kGeneratorMark = 0x70656e73;  // "pens"

}  // namespace penstock
