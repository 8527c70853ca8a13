// Rounds of runs.
#include "sim/commands/batch.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "sim/commands/choice.h"
#include "sim/scenario/text.h"

namespace penstock {
namespace {

void count(RunVerdict verdict, BatchResult& into) {
  switch (verdict) {
    case RunVerdict::kPass:
      ++into.passed;
      break;
    case RunVerdict::kFail:
      ++into.failed;
      break;
    case RunVerdict::kInvalid:
      ++into.invalid;
      break;
    case RunVerdict::kSkip:
      ++into.skipped;
      break;
  }
  into.verdict = std::max(into.verdict, verdict);
}

}  // namespace

std::filesystem::path RunBatch::folder_of(std::size_t scenario, std::uint32_t round) const {
  if (out.empty() || single()) return out;
  const std::filesystem::path folder = out / folder_name(names[scenario]);
  return rounds == 1 ? folder : folder / std::to_string(round);
}

std::string BatchResult::summary() const {
  std::string text = fmt::format("{}: {} passed", counted(runs(), "run"), passed);
  if (failed != 0) text += fmt::format(", {} failed", failed);
  if (invalid != 0) text += fmt::format(", {} invalid", invalid);
  if (skipped != 0) text += fmt::format(", {} skipped", skipped);
  return text;
}

Result<BatchResult> run_batch(const RunBatch& plan, const BatchRun& run) {
  BatchResult total;
  for (std::uint32_t round = 1; plan.rounds == 0 || round <= plan.rounds; ++round) {
    for (std::size_t i = 0; i < plan.names.size(); ++i) {
      const Result<RunResult> result = run(i, plan.folder_of(i, round));
      if (!result) return tl::unexpected(result.error());
      count(result->verdict, total);
      if (plan.until_fail && result->verdict != RunVerdict::kPass) return total;
    }
  }
  return total;
}

std::string batch_line(const RunResult& result) {
  const auto passed = std::count_if(result.checks.begin(), result.checks.end(),
                                    [](const Check& check) { return check.pass == true; });
  std::string verdict(to_string(result.verdict));
  std::transform(verdict.begin(), verdict.end(), verdict.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return fmt::format("{:<7} {} over {}, {} of {} checks{}", verdict, result.scenario, result.topology, passed,
                     result.checks.size(), result.reason.empty() ? "" : ": " + result.reason);
}

}  // namespace penstock
