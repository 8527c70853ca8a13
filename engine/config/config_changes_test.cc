// Two texts against each other.
#include "engine/config/config_changes.h"

#include <string>

#include <gtest/gtest.h>

#include "engine/config/run_config.h"

namespace penstock {
namespace {

using Changes = std::vector<ConfigChange>;

constexpr const char* kText = "interface = \"eth0\"\nports = [8003]\n";

Changes run_config_changes(std::string_view before, std::string_view after) {
  return config_changes(run_config_values(before), run_config_values(after));
}

TEST(ConfigChanges, EqualTextsHaveNone) {
  EXPECT_EQ(run_config_changes(kText, kText), Changes{});
  EXPECT_EQ(run_config_changes(kText, std::string("# a remark\n") + kText), Changes{});
}

TEST(ConfigChanges, ADefaultWrittenOutIsNone) {
  EXPECT_EQ(run_config_changes(kText, default_run_config()), Changes{});
  EXPECT_EQ(run_config_changes(default_run_config(), kText), Changes{});
}

TEST(ConfigChanges, NamesEachKeyWithBothValues) {
  EXPECT_EQ(run_config_changes(kText,
                               "interface = 'eth1'\nports = [8003, 8004]\n[threads]\nwait = 'spin'\n"
                               "[receiver]\nvlan = true\nrx_entries = 512\n"),
            (Changes{{"interface", "'eth0'", "'eth1'"},
                     {"ports", "[ 8003 ]", "[ 8003, 8004 ]"},
                     {"receiver.rx_entries", "4096", "512"},
                     {"receiver.vlan", "false", "true"},
                     {"threads.wait", "'block'", "'spin'"}}));
}

TEST(ConfigChanges, AKeyThatIsLeftOutHasItsDefaultAgain) {
  EXPECT_EQ(run_config_changes(std::string(kText) + "link_depth = 128\n", kText),
            (Changes{{"link_depth", "128", "4096"}}));
}

}  // namespace
}  // namespace penstock
