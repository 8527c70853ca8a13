// Field-wise mutations: each changes one thing in a frame's parts, as a hostile or odd sender would,
// and leaves the rest of the frame right (checksums and lengths around it are computed afterwards).
//
// Thread safety: pure functions over their arguments.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/random.h"
#include "engine/classify/classifier.h"
#include "engine/classify/fuzz/frame_parts.h"

namespace penstock {

struct FieldMutation {
  std::string_view name;
  std::uint32_t weight;  // how often it is drawn, beside the others
  void (*apply)(FrameParts& parts, const ClassifierConfig& target, Random& random);
};

std::span<const FieldMutation> field_mutations();

// Applies one of them, drawn by weight.
void mutate_fields(FrameParts& parts, const ClassifierConfig& target, Random& random);

}  // namespace penstock
