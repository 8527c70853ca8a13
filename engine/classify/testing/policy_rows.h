// Policies that the classifier's two compilations are compared under: each option alone and all
// together, few and many addresses, without MAC and addresses, chunks of other sizes.
#pragma once

#include <string_view>
#include <vector>

#include "engine/classify/classifier.h"

namespace penstock {

struct PolicyRow {
  std::string_view name;  // letters, digits and underscores only
  ClassifierConfig config;
};

std::vector<PolicyRow> policy_rows();

// Whether some frame of 14 bytes or more gets this reason under this configuration.
bool policy_can_give(const ClassifierConfig& config, penstock_reason reason);

}  // namespace penstock
