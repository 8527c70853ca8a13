// The common parts of commands.
#include "sim/commands/report_run.h"

#include <errno.h>

#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "sim/commands/progress.h"
#include "sim/scenario/junit.h"
#include "sim/scenario/table.h"

namespace penstock {

int complain(const Error& error, int status) {
  fmt::print(stderr, "{}: {}\n", program_invocation_short_name, error.message());
  return status;
}

std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-./,=:+") == std::string::npos;
  return plain ? word : "'" + word + "'";
}

std::string runner_command(Topology topology) {
  return topology == Topology::kRing ? "bazel-bin/sim/runner" : "sudo bazel-bin/sim/runner";
}

Result<RunResult> run_into(RunPlan plan, const Workload& workload, const std::filesystem::path& folder,
                           bool quiet) {
  plan.evidence = folder;
  RunResult result = [&] {
    ProgressLine line(!quiet);
    return run_plan_until_valid(plan, workload, [&line](const ProgressPoint& point) { line.show(point); });
  }();
  if (folder.empty()) return result;
  for (const Status& written :
       {write_result(result, folder), write_junit(result, folder), write_counters(result, folder)}) {
    if (!written) return tl::unexpected(written.error());
  }
  return result;
}

void print_result(const RunResult& result, const std::filesystem::path& folder) {
  fmt::print("{}", result_table(result));
  if (!folder.empty()) fmt::print("  {}\n", (folder / "result.json").string());
}

}  // namespace penstock
