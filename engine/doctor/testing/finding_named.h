// Looking a finding up.
//
// Thread safety: a function.
#pragma once

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "engine/doctor/finding.h"

namespace penstock {

// The first one of that name, which is expected to be there.
inline Finding finding_named(const Findings& findings, const std::string& what) {
  const auto found =
      std::find_if(findings.begin(), findings.end(), [&](const Finding& each) { return each.what == what; });
  EXPECT_NE(found, findings.end()) << what << " in\n" << findings_text(findings);
  return found == findings.end() ? Finding() : *found;
}

}  // namespace penstock
