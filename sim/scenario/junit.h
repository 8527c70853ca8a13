// A run's checks as JUnit XML, for whatever shows test reports.
#pragma once

#include <filesystem>
#include <string>

#include "engine/base/result.h"
#include "sim/scenario/result.h"

namespace penstock {

// One test case a check: failed ones as <failure>, those not made as <skipped>. A run that is invalid, or
// that broke off, has one more test case, "run", that tells why.
std::string to_junit(const RunResult& result);

// Writes DIR/junit.xml, making DIR.
Status write_junit(const RunResult& result, const std::filesystem::path& directory);

}  // namespace penstock
