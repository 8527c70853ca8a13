// Test cases as text.
#include "sim/scenario/junit.h"

#include <optional>

#include <fmt/format.h>

#include "sim/scenario/text.h"
#include "sim/scenario/text_file.h"

namespace penstock {
namespace {

std::string test_case(const std::string& suite, const Check& check) {
  const std::string start = fmt::format("    <testcase classname=\"{}\" name=\"{}\"", escaped_markup(suite),
                                        escaped_markup(check.name));
  if (check.pass == true) return start + "/>\n";
  return fmt::format("{}>\n      <{} message=\"{}\"/>\n    </testcase>\n", start,
                     check.pass ? "failure" : "skipped", escaped_markup(check.detail));
}

// What the verdict says beyond the checks.
std::optional<Check> check_of_run(const RunResult& result) {
  for (const Check& check : result.checks) {
    if (check.pass == false && result.verdict == RunVerdict::kFail) return std::nullopt;
  }
  if (result.verdict == RunVerdict::kPass) return std::nullopt;
  if (result.verdict == RunVerdict::kSkip) return Check{"run", std::nullopt, result.reason};
  return Check{"run", false, result.reason};
}

}  // namespace

std::string to_junit(const RunResult& result) {
  std::vector<Check> checks = result.checks;
  if (const std::optional<Check> run = check_of_run(result)) checks.push_back(*run);
  std::size_t failures = 0, skipped = 0;
  const std::string suite = result.scenario + "." + result.topology;
  std::string cases;
  for (const Check& check : checks) {
    if (!check.pass) ++skipped;
    if (check.pass == false) ++failures;
    cases += test_case(suite, check);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"{}\" tests=\"{}\" "
      "failures=\"{}\" errors=\"0\" skipped=\"{}\" timestamp=\"{}\">\n{}  </testsuite>\n</testsuites>\n",
      escaped_markup(suite), checks.size(), failures, skipped, escaped_markup(result.started), cases);
}

Status write_junit(const RunResult& result, const std::filesystem::path& directory) {
  if (Status s = make_folder(directory); !s) return s;
  return write_text(directory / "junit.xml", to_junit(result));
}

}  // namespace penstock
