// A file that is written anew under a reader's eyes.
#include "engine/commands/config_file.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* kText = "interface = \"eth0\"\nports = [8003]\n";

class ConfigFileTest : public ::testing::Test {
 protected:
  void write(const std::string& text) const { std::ofstream(path_) << text; }
  std::unique_ptr<ConfigFile> read(const std::string& text) const {
    write(text);
    Result<std::unique_ptr<ConfigFile>> file = ConfigFile::read(path_);
    EXPECT_TRUE(file) << file.error().message();
    return std::move(*file);
  }

  const std::filesystem::path path_ = std::filesystem::path(::testing::TempDir()) / "config_file_test.toml";
};

TEST_F(ConfigFileTest, AnUnchangedFileSaysNothingNew) {
  const std::unique_ptr<ConfigFile> file = read(kText);
  EXPECT_EQ(file->reload(), Lines{"its file says nothing new"});
}

TEST_F(ConfigFileTest, OnStallIsTakenAtOnceAndOnce) {
  const std::unique_ptr<ConfigFile> file = read(kText);
  write(std::string(kText) + "[threads]\non_stall = \"report\"\n");
  EXPECT_EQ(file->reload(), Lines{"threads.on_stall = \"report\" from now on"});
  EXPECT_EQ(file->config().on_stall, OnStall::kReport);
  EXPECT_EQ(file->reload(), Lines{"its file says nothing new"});
  write(kText);
  EXPECT_EQ(file->reload(), Lines{"threads.on_stall = \"exit\" from now on"});
  EXPECT_EQ(file->config().on_stall, OnStall::kExit);
}

TEST_F(ConfigFileTest, WhatWaitsForTheNextStartIsSaidUntilThen) {
  const std::unique_ptr<ConfigFile> file = read(kText);
  write("interface = \"eth0\"\nports = [8003, 8004]\n");
  const Lines said{"ports = [ 8003, 8004 ] takes effect at the next start; until then [ 8003 ]"};
  EXPECT_EQ(file->reload(), said);
  EXPECT_EQ(file->reload(), said);
  EXPECT_EQ(file->config().ports, std::vector<std::uint16_t>{8003});
}

TEST_F(ConfigFileTest, AFileOfNoUseChangesNothing) {
  const std::unique_ptr<ConfigFile> file = read(kText);
  const RunConfig before = file->config();
  write(std::string(kText) + "[threads]\non_stall = \"report\"\nwiat = \"spin\"\n");
  Lines lines = file->reload();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("goes on as it is"), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("config_file_test.toml:5:1: unknown key 'wiat'"), std::string::npos) << lines[0];
  std::filesystem::remove(path_);
  lines = file->reload();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("ENOENT"), std::string::npos) << lines[0];
  EXPECT_EQ(file->config(), before);
}

TEST_F(ConfigFileTest, AFileThatIsNotThereIsAnError) {
  const auto file = ConfigFile::read(path_ / "nothing");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message().find("nothing"), std::string::npos);
}

}  // namespace
}  // namespace penstock
