// The search for the fixtures folder.
#include "engine/testing/fixtures.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace penstock::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kMarker[] = "engine/testing/fixtures.marker";
constexpr char kIndex[] = "INDEX.md";  // every fixtures folder has one

// Where the workspace may be. The order does not matter: all lead to the same place when they exist.
std::vector<fs::path> starting_points() {
  std::vector<fs::path> points;
  std::error_code error;
  if (const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY")) points.emplace_back(workspace);
  if (const char* runfiles = std::getenv("TEST_SRCDIR")) {
    for (const auto& repository : fs::directory_iterator(runfiles, error)) {
      const fs::path real = fs::canonical(repository.path() / kMarker, error);
      if (!error) points.push_back(real.parent_path());
    }
  }
  const fs::path beside = fs::canonical(kMarker, error);
  if (!error) points.push_back(beside.parent_path());
  const fs::path current = fs::current_path(error);
  if (!error) points.push_back(current);
  return points;
}

std::optional<fs::path> fixtures_above(fs::path folder) {
  std::error_code error;
  while (true) {
    for (const char* name : {"shared/fixtures", "fixtures"}) {
      if (fs::exists(folder / name / kIndex, error)) return folder / name;
    }
    if (!folder.has_relative_path()) return std::nullopt;
    folder = folder.parent_path();
  }
}

std::optional<fs::path> fixtures_folder() {
  if (const char* given = std::getenv("PENSTOCK_FIXTURES")) {
    if (*given == '\0') return std::nullopt;
    return fs::path(given);
  }
  for (const fs::path& point : starting_points()) {
    if (auto found = fixtures_above(point)) return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<fs::path> fixture(std::string_view name) {
  const auto folder = fixtures_folder();
  if (!folder) return std::nullopt;
  const fs::path path = *folder / name;
  std::error_code error;
  if (!fs::exists(path, error)) return std::nullopt;
  return path;
}

std::string fixture_absent(std::string_view name) {
  return "fixture " + std::string(name) +
         " is not on this machine; to run this test: bazel test "
         "--test_env=PENSTOCK_FIXTURES=/path/to/fixtures";
}

std::string read_fixture(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw std::runtime_error("cannot read fixture " + path.string());
  return bytes;
}

}  // namespace penstock::testing
