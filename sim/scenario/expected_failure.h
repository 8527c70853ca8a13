// [[expected_failure]] of a scenario file: a check that is known to fail, and why.
//
// Enforced both ways: the run fails when such a check passes, is not made at all, or fails with other words
// than the file says. So a known weakness stays visible, its end is noticed, and nothing else hides behind
// it.
//
// Thread safety: values.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/toml_reader.h"
#include "sim/scenario/result.h"

namespace penstock {

struct ExpectedFailure {
  std::string check;       // its name in the result: "kernel_filter.engine_loss"
  std::string because;     // why it is known to fail
  std::string says{};      // part of the failed check's detail; empty: any
  std::string topology{};  // "veth", "ring" or "nic"; empty: over each
  std::string only{};      // case of the matrix, "queues=4"; empty: all
};

// Mistakes are noted in the document.
std::vector<ExpectedFailure> read_expected_failures(TomlReader& root);

// Turns the checks named around: one that fails as declared passes and says so, any other outcome fails.
// Those for another topology than the result's are passed over. Call before judge(), once.
void enforce_expected_failures(std::span<const ExpectedFailure> failures, RunResult& result);

}  // namespace penstock
