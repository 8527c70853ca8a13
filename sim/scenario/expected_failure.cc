// Checks that must fail.
#include "sim/scenario/expected_failure.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace penstock {
namespace {

// `check` as it stands after the declaration: what fails as declared passes.
Check turned_around(const ExpectedFailure& declared, Check check) {
  if (!check.pass) {
    check.detail = fmt::format("declared to fail ({}), but not checked: {}", declared.because, check.detail);
  } else if (*check.pass) {
    check.detail = fmt::format("declared to fail ({}), but passes: {}", declared.because, check.detail);
  } else if (check.detail.find(declared.says) == std::string::npos) {
    check.detail =
        fmt::format("declared to fail with '{}', but fails otherwise: {}", declared.says, check.detail);
  } else {
    return {std::move(check.name), true,
            fmt::format("fails as declared ({}): {}", declared.because, check.detail)};
  }
  check.pass = false;
  return check;
}

}  // namespace

std::vector<ExpectedFailure> read_expected_failures(TomlReader& root) {
  constexpr std::string_view kTopologies[] = {"", "veth", "ring", "nic"};
  std::vector<ExpectedFailure> failures;
  for (TomlReader& table : root.tables("expected_failure")) {
    failures.push_back({.check = table.string("check"),
                        .because = table.string("because"),
                        .says = table.string("says", ""),
                        .topology = std::string(kTopologies[table.choice("topology", kTopologies, 0)]),
                        .only = table.string("case", "")});
  }
  return failures;
}

void enforce_expected_failures(std::span<const ExpectedFailure> failures, RunResult& result) {
  for (const ExpectedFailure& declared : failures) {
    if (!declared.topology.empty() && declared.topology != result.topology) continue;
    const auto check = std::find_if(result.checks.begin(), result.checks.end(),
                                    [&](const Check& c) { return c.name == declared.check; });
    if (check != result.checks.end()) {
      *check = turned_around(declared, std::move(*check));
    } else {
      result.checks.push_back(
          {declared.check, false,
           fmt::format("declared to fail ({}), but there is no such check", declared.because)});
    }
  }
}

}  // namespace penstock
