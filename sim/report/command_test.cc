// Finding results in folders, and what is said of what is none.
#include "sim/report/command.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "sim/scenario/result.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

class ReportCommand : public ::testing::Test {
 protected:
  ReportCommand()
      : folder_(fs::path(::testing::TempDir()) /
                ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::create_directories(folder_);
  }
  ~ReportCommand() override { fs::remove_all(folder_); }

  void write(const std::string& below) {
    RunResult run;
    run.scenario = below;
    ASSERT_TRUE(write_result(run, folder_ / below));
  }

  fs::path folder_;
};

TEST_F(ReportCommand, SearchesFoldersInOrder) {
  write("b/deep/er");
  write("a");
  const auto files = find_results({(folder_ / "b/deep/er/result.json").string(), folder_.string()});
  ASSERT_TRUE(files) << files.error().message();
  EXPECT_EQ(*files, (std::vector<fs::path>{folder_ / "b/deep/er/result.json", folder_ / "a/result.json",
                                           folder_ / "b/deep/er/result.json"}));
}

TEST_F(ReportCommand, SaysThatAFolderHasNone) {
  const auto files = find_results({folder_.string()});
  ASSERT_FALSE(files);
  EXPECT_NE(files.error().message().find("no result.json"), std::string::npos);
}

TEST_F(ReportCommand, WritesAPageOrSaysWhyNot) {
  write("a");
  const fs::path page = folder_ / "page.html";
  EXPECT_EQ(report({.results = {folder_.string()}, .out = page}), 0);
  std::ifstream in(page);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  EXPECT_TRUE(text.starts_with("<!DOCTYPE html>") && text.ends_with("</html>\n"));
  EXPECT_EQ(report({.results = {folder_.string()}, .out = folder_ / "no" / "page.html"}), 2);
  EXPECT_EQ(report({.results = {page.string()}, .out = page}), 2) << "a page is no result";
}

}  // namespace
}  // namespace penstock
