// Against files that this test writes, and the kernel's.
#include "engine/base/read_file.h"

#include <errno.h>

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(ReadFile, GivesAllBytes) {
  std::string text(200'000, 'x');
  text[0] = '\0';
  text[199'999] = '\r';
  const std::filesystem::path file = std::filesystem::path(std::getenv("TEST_TMPDIR")) / "file";
  std::ofstream(file, std::ios::binary) << text;
  EXPECT_EQ(read_file(file), text);
  std::ofstream(file, std::ios::binary) << "";
  EXPECT_EQ(read_file(file), "");
}

TEST(ReadFile, ReadsWhatSaysThatItIsEmpty) {
  EXPECT_TRUE(read_file("/proc/self/stat").value_or("").ends_with('\n'));
}

TEST(FirstLineOf, EndsWithTheLineAndIsEmptyWithoutAFile) {
  const std::filesystem::path file = std::filesystem::path(std::getenv("TEST_TMPDIR")) / "lines";
  std::ofstream(file) << "one\ntwo\n";
  EXPECT_EQ(first_line_of(file), "one");
  std::ofstream(file) << "";
  EXPECT_EQ(first_line_of(file), "");
  EXPECT_EQ(first_line_of("/nowhere/file"), "");
}

TEST(ReadFile, FailsWithTheErrno) {
  EXPECT_EQ(read_file("/nowhere/file").error().message(),
            "read /nowhere/file: ENOENT (No such file or directory)");
  EXPECT_EQ(read_file("/").error().code, EISDIR);
}

}  // namespace
}  // namespace penstock
