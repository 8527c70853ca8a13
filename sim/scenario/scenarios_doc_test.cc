// docs/scenarios.md lists every key that a scenario file may have, and no other.
#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "sim/scenario/scenario.h"

namespace penstock {
namespace {

// The keys in the first column of the page's tables: lines that begin with "| `".
std::set<std::string> documented_keys() {
  constexpr std::string_view kStart = "| `";
  std::ifstream page("docs/scenarios.md");
  std::set<std::string> keys;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with(kStart)) continue;
    const std::size_t end = line.find('`', kStart.size());
    keys.insert(line.substr(kStart.size(), end - kStart.size()));
  }
  return keys;
}

TEST(ScenariosDoc, ListsTheKeysOfTheReader) {
  const std::vector<std::string> keys = scenario_keys();
  EXPECT_EQ(documented_keys(), std::set<std::string>(keys.begin(), keys.end()));
}

}  // namespace
}  // namespace penstock
