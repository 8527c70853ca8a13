// Finds the fixtures: captures and keys that are not part of the repository and may be absent.
//
//   const auto capture = testing::fixture("demo-shreds.pcap");
//   if (!capture) GTEST_SKIP() << testing::fixture_absent("demo-shreds.pcap");
//
// Where it looks, first match wins:
//   1. $PENSTOCK_FIXTURES, when it is set: only there (set but empty: nowhere). Bazel passes it on
//      with --test_env=PENSTOCK_FIXTURES.
//   2. shared/fixtures or fixtures beside the workspace or any folder above it. The workspace is
//      found through $BUILD_WORKSPACE_DIRECTORY (bazel run), through the link that Bazel's runfiles
//      hold to a file of this package (bazel test, also in the sandbox), or as the current folder.
//
// Thread safety: reads the environment; as safe as getenv(3).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::testing {

// The path of the fixture file `name`, or nothing when it is not there.
std::optional<std::filesystem::path> fixture(std::string_view name);

// Why a test is skipped: names the file and says how to provide it.
std::string fixture_absent(std::string_view name);

// The whole file, for fixtures small enough to hold in memory. Throws std::runtime_error when it
// cannot be read: a fixture that is found and then unreadable is a failure, not a reason to skip.
std::string read_fixture(const std::filesystem::path& path);

}  // namespace penstock::testing
