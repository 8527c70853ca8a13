// Keys with several values: the axes, each choice, and mistakes with their places.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/config/toml_reader.h"

namespace penstock {
namespace {

constexpr const char* kFile = R"([demand]
mtu = 1500
[matrix]
paths.run = [["a"], ["b", "c"]]
demand.queues = [1, 4]
[matrix.new]
flag = [true, false]
)";

TEST(TomlMatrix, ListsItsAxesInTheOrderOfTheFile) {
  TomlDocument document = *TomlDocument::parse(kFile, "f");
  const std::vector<TomlAxis> axes = document.axes("matrix");
  ASSERT_EQ(axes.size(), 3u);
  EXPECT_EQ(axes[0].key, "paths.run");
  EXPECT_EQ(axes[0].values, (std::vector<std::string>{"a", "b+c"}));
  EXPECT_EQ(axes[1].key, "demand.queues");
  EXPECT_EQ(axes[1].values, (std::vector<std::string>{"1", "4"}));
  EXPECT_EQ(axes[2].key, "new.flag");
  EXPECT_EQ(axes[2].values, (std::vector<std::string>{"true", "false"}));
}

TEST(TomlMatrix, AFileWithoutHasNone) {
  TomlDocument document = *TomlDocument::parse("a = 1\n", "f");
  EXPECT_TRUE(document.axes("matrix").empty());
  document.choose("matrix", {});
  EXPECT_EQ(document.root().integer("a", 0, 9), 1);
  EXPECT_TRUE(document.finish());
}

TEST(TomlMatrix, AChoiceReadsAsIfTheFileHadIt) {
  TomlDocument document = *TomlDocument::parse(kFile, "f");
  ASSERT_EQ(document.axes("matrix").size(), 3u);
  document.choose("matrix", std::vector<std::size_t>{1, 0, 1});
  TomlReader root = document.root();
  EXPECT_EQ(root.table("paths").strings("run"), (std::vector<std::string>{"b", "c"}));
  TomlReader demand = root.table("demand");
  EXPECT_EQ(demand.integer("queues", 1, 64), 1);
  EXPECT_EQ(demand.integer("mtu", 0, 9000), 1500) << "the rest of the table stays";
  EXPECT_FALSE(root.table("new").boolean("flag", true));
  const Status finished = document.finish();
  EXPECT_TRUE(finished) << finished.error().message();
}

TEST(TomlMatrix, ErrorsOfAChoiceNameItsOwnPlace) {
  TomlDocument document = *TomlDocument::parse("[matrix]\nnet.queues = [1, 400]\nnet.quees = [2]\n", "f");
  ASSERT_EQ(document.axes("matrix").size(), 2u);
  document.choose("matrix", std::vector<std::size_t>{1, 0});
  document.root().table("net").integer("queues", 1, 64);
  EXPECT_EQ(document.finish().error().what,
            "f:2:18: 'queues' is 400, must be 1 to 64\n"
            "f:3:14: unknown key 'quees' in [net]; did you mean 'queues'?");
}

std::string said_of(const std::string& text) {
  TomlDocument document = *TomlDocument::parse(text, "f");
  document.axes("matrix");
  const Status finished = document.finish();
  return finished ? "" : finished.error().what.substr(0, finished.error().what.find('\n'));
}

TEST(TomlMatrix, NamesMistakesWithTheirPlace) {
  EXPECT_EQ(said_of("[matrix]\na.b = 3\n"), "f:2:7: 'a.b' of [matrix] must be a list of values");
  EXPECT_EQ(said_of("[matrix]\na.b = []\n"), "f:2:7: 'a.b' of [matrix] must be a list of values");
  EXPECT_EQ(said_of("[matrix]\na.b = [{}]\n"), "f:2:8: 'a.b' of [matrix]: no table, and nothing empty");
  EXPECT_EQ(said_of("matrix = 3\n"), "f:1:10: 'matrix' must be a table");
  EXPECT_EQ(said_of("[a]\nb = 1\n[matrix]\na.b = [2]\n"),
            "f:4:7: 'a.b' is in [matrix] and has a value of its own as well");
  EXPECT_EQ(said_of("a = 1\n[matrix]\na.b = [2]\n"),
            "f:3:7: 'a.b' is in [matrix] and has a value of its own as well")
      << "a value where its table would be";
}

}  // namespace
}  // namespace penstock
