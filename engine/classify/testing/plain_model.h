// The classifier's rules a second time: from docs/classifier.md and the order of PENSTOCK_REASONS, in the
// plainest form, without regard to speed, and sharing no code with bpf/classify.h. The proofs compare
// both compilations of the classifier with it.
//
// Thread safety: a pure function over its arguments.
#pragma once

#include <cstddef>
#include <span>

#include "engine/classify/classifier.h"

namespace penstock {

// REQUIRES: frame.size() < 4096, which the checksum of classify.h stops at.
Verdict plain_verdict(const ClassifierConfig& config, std::span<const std::byte> frame);

}  // namespace penstock
