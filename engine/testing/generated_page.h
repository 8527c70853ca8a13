// Pages of docs/ that a test makes from a table in the code: it fails when the page is out of date, and
// writes it anew when it is started as `bazel run LABEL -- --update`. The library has the test's main().
//
// Thread safety: none.
#pragma once

#include <string>

namespace penstock::testing {

// What stands in the page now; `file` by its path from the workspace's root.
std::string page_text(const std::string& file);

// Holds the page to `wanted`, or writes that into the workspace. `label`: of the test, for its message.
void expect_page(const std::string& file, const std::string& wanted, const std::string& label);

}  // namespace penstock::testing
