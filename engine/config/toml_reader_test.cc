// Values, defaults, and every kind of mistake with its place in the file.
#include "engine/config/toml_reader.h"

#include <errno.h>

#include <string>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(TomlReader, ReadsValuesAndDefaults) {
  TomlDocument document =
      *TomlDocument::parse("name = \"x\"\n[net]\nqueues = 4\nports = [\"a\", \"b\"]\nbusy = true\n", "f");
  TomlReader root = document.root();
  EXPECT_EQ(root.string("name"), "x");
  TomlReader net = root.table("net");
  EXPECT_EQ(net.integer("queues", 1, 64, 1), 4);
  EXPECT_EQ(net.integer("depth", 1, 64, 16), 16);
  EXPECT_EQ(net.strings("ports"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(net.boolean("busy", false));
  EXPECT_EQ(net.string("mode", "auto"), "auto");
  EXPECT_EQ(root.table("absent").integer("n", 0, 9, 7), 7);
  EXPECT_TRUE(document.finish());
}

TEST(TomlReader, NamesTheNearestKeyWithLineAndColumn) {
  TomlDocument document = *TomlDocument::parse("[workload]\nsead = 7\n", "s.toml");
  TomlReader workload = document.root().table("workload");
  workload.integer("seed", 0, 100, 1);
  EXPECT_EQ(document.finish().error().what,
            "s.toml:2:1: unknown key 'sead' in [workload]; did you mean 'seed'?");
}

TEST(TomlReader, ListsTheValidKeysWhenNoneIsNear) {
  TomlDocument document = *TomlDocument::parse("frobnicate = 1\n", "s.toml");
  TomlReader root = document.root();
  root.string("name", "");
  root.string("tags", "");
  EXPECT_EQ(document.finish().error().what, "s.toml:1:1: unknown key 'frobnicate'; valid: name, tags");
}

TEST(TomlReader, SaysWhereAValueStandsAlsoOneThatWasChosen) {
  TomlDocument document = *TomlDocument::parse("[a]\nn = 2\n[matrix]\na.m = [1, 3]\n", "f");
  ASSERT_EQ(document.axes("matrix").size(), 1u);
  document.choose("matrix", std::array<std::size_t, 1>{1});
  const TomlReader a = document.root().table("a");
  EXPECT_EQ(a.place("n"), "f:2:5");
  EXPECT_EQ(a.place("m"), "f:4:11");
  EXPECT_EQ(a.place("absent"), "f:1:1");
}

TEST(TomlReader, ReportsEveryMistakeInTheOrderOfTheFile) {
  TomlDocument document = *TomlDocument::parse("[a]\nn = 200\ns = 3\nl = [1]\nb = 1\nunknown = 1\n", "f");
  TomlReader a = document.root().table("a");
  a.strings("l", {});
  a.string("s", "");
  a.integer("n", 1, 100, 1);
  a.boolean("b", false);
  EXPECT_EQ(document.finish().error().what,
            "f:2:5: 'n' is 200, must be 1 to 100\n"
            "f:3:5: 's' must be a string\n"
            "f:4:5: 'l' must be a list of strings\n"
            "f:5:5: 'b' must be true or false\n"
            "f:6:1: unknown key 'unknown' in [a]; valid: b, l, n, s");
}

TEST(TomlReader, AMissingKeyIsReportedAtItsTable) {
  TomlDocument document = *TomlDocument::parse("\n[paths]\n", "f");
  TomlReader root = document.root();
  root.string("name");
  root.table("paths").strings("run");
  EXPECT_EQ(document.finish().error().what, "f:1:1: 'name' is missing\nf:2:1: 'run' is missing in [paths]");
}

TEST(TomlReader, AValueWhereATableIsWantedIsAnError) {
  TomlDocument document = *TomlDocument::parse("paths = 1\n", "f");
  document.root().table("paths");
  EXPECT_EQ(document.finish().error().what, "f:1:9: 'paths' must be a table");
}

TEST(TomlReader, CallersCanRejectAValueOfTheirOwn) {
  TomlDocument document = *TomlDocument::parse("profile = \"mainet\"\n", "f");
  TomlReader root = document.root();
  root.string("profile");
  root.reject("profile", "no such profile");
  EXPECT_EQ(document.finish().error().what, "f:1:11: no such profile");
}

TEST(TomlReader, HoldsEveryElementOfAListToItsRange) {
  TomlDocument document = *TomlDocument::parse("good = [1, 2]\nbad = [7, 70]\nmixed = [1, \"2\"]\n", "f");
  TomlReader root = document.root();
  EXPECT_EQ(root.integers("good", 1, 9, {}), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(root.integers("absent", 1, 9, {5}), (std::vector<std::int64_t>{5}));
  root.integers("bad", 1, 9, {});
  root.integers("mixed", 1, 9, {});
  EXPECT_EQ(document.finish().error().what,
            "f:2:7: 'bad' has 70, must be 1 to 9\n"
            "f:3:9: 'mixed' must be a list of integers");
}

TEST(TomlReader, AChoiceIsOneOfItsNames) {
  constexpr std::string_view kNames[] = {"native", "generic"};
  TomlDocument document = *TomlDocument::parse("a = \"generic\"\nb = \"nativ\"\n", "f");
  TomlReader root = document.root();
  EXPECT_EQ(root.choice("a", kNames, 0), 1u);
  EXPECT_EQ(root.choice("absent", kNames, 1), 1u);
  EXPECT_EQ(root.choice("b", kNames, 1), 1u);
  EXPECT_EQ(document.finish().error().what, "f:2:5: 'b' is 'nativ'; did you mean 'native'?");
}

TEST(TomlReader, ReadsAnArrayOfTablesInOrder) {
  TomlDocument document = *TomlDocument::parse("[[step]]\nn = 1\n[[step]]\nn = 2\nm = 3\n", "f");
  TomlReader root = document.root();
  std::vector<std::int64_t> numbers;
  for (TomlReader& step : root.tables("step"))
    numbers.push_back(step.integer("n", 0, 9));
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{1, 2}));
  EXPECT_TRUE(root.tables("absent").empty());
  EXPECT_EQ(document.known_keys(), (std::vector<std::string>{"absent", "step.n"}));
  EXPECT_EQ(document.finish().error().what, "f:5:1: unknown key 'm' in [step]; did you mean 'n'?");
}

TEST(TomlReader, APlainTableIsNoArrayOfTables) {
  TomlDocument document = *TomlDocument::parse("[step]\nn = 1\n", "f");
  EXPECT_TRUE(document.root().tables("step").empty());
  EXPECT_EQ(document.finish().error().what, "f:1:1: 'step' must be an array of tables, [[step]]");
}

TEST(TomlDocument, SyntaxErrorsHaveAPlace) {
  const auto document = TomlDocument::parse("a = 1\nb = = 2\n", "bad.toml");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().what.rfind("bad.toml:2:", 0), 0u) << document.error().what;
}

TEST(TomlDocument, AMissingFileIsAnErrorWithErrno) {
  EXPECT_EQ(TomlDocument::read("/nonexistent.toml").error().code, ENOENT);
  EXPECT_EQ(TomlDocument::read("/").error().code, EISDIR);
}

}  // namespace
}  // namespace penstock
