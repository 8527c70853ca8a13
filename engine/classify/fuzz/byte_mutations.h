// Byte-wise mutations: what is left of a frame after bit errors, cuts and senders that know no headers.
// They change what the field-wise ones cannot reach, such as a cut inside a tag.
//
// Thread safety: pure functions over their arguments.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/base/random.h"

namespace penstock {

// Applies one or two of them, drawn. Changes stay in the first 80 bytes, where headers are, or move the
// frame's end; the length stays between kMinMutatedFrame and kMaxMutatedFrame. In half of the cases the
// IPv4 header checksum, if there is one where it is without tags, is made right again afterwards, since
// nearly every change would end there otherwise.
void mutate_bytes(std::vector<std::byte>& frame, Random& random);

}  // namespace penstock
