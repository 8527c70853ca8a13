// Several runs in a row: of several scenarios, several times, or until one fails.
//
// Thread safety: from one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "sim/scenario/result.h"

namespace penstock {

struct RunBatch {
  std::vector<std::string> names;  // of the scenarios, in the order in which they run
  std::uint32_t rounds = 1;        // each round runs all of them once; 0: without end, for until_fail
  bool until_fail = false;         // stops after the first run that does not pass
  std::filesystem::path out{};     // empty: nothing is left

  bool single() const { return names.size() == 1 && rounds == 1; }
  // Where the files of a run go: `out` itself for a single run, else OUT/NAME, or OUT/NAME/ROUND with several
  // rounds (counted from 1). Empty without `out`.
  std::filesystem::path folder_of(std::size_t scenario, std::uint32_t round) const;
};

struct BatchResult {
  std::uint32_t passed = 0, failed = 0, invalid = 0, skipped = 0;
  RunVerdict verdict = RunVerdict::kPass;  // the worst of all

  std::uint32_t runs() const { return passed + failed + invalid + skipped; }
  // "12 runs: 11 passed, 1 failed"
  std::string summary() const;
};

// One run: the scenario by its place in the plan, and the folder for its files. Errors end the batch.
using BatchRun = std::function<Result<RunResult>(std::size_t scenario, const std::filesystem::path& folder)>;

Result<BatchResult> run_batch(const RunBatch& plan, const BatchRun& run);

// "PASS  first_light over veth, 60 of 60 checks", and the reason where there is one.
std::string batch_line(const RunResult& result);

}  // namespace penstock
