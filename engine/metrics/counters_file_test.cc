// The file is the text, old or new, and nothing is left beside it.
#include "engine/metrics/counters_file.h"

#include <errno.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace penstock {
namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST(CountersFile, IsReplacedAsAWhole) {
  const std::filesystem::path folder = std::filesystem::path(getenv("TEST_TMPDIR")) / "counters";
  std::filesystem::create_directories(folder);
  const std::filesystem::path file = folder / "counters.prom";
  ASSERT_TRUE(write_counters_file(file, "a long first text\n"));
  const std::ifstream reader(file);  // a reader that has opened it keeps the old one
  ASSERT_TRUE(write_counters_file(file, "second\n"));
  EXPECT_EQ(text_of(file), "second\n");
  std::ostringstream old;
  old << reader.rdbuf();
  EXPECT_EQ(old.str(), "a long first text\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST(CountersFile, SaysWhyItCannotBeWritten) {
  const Status status = write_counters_file("/nonexistent/counters", "x");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ENOENT);
  EXPECT_NE(status.error().what.find("/nonexistent/counters"), std::string::npos);
}

}  // namespace
}  // namespace penstock
