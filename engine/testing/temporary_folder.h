// A folder of a test's own, which goes with it.
//
// Thread safety: none.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

namespace penstock {

class TemporaryFolder {
 public:
  // In the test's own folder, or in one with a shorter name, such as "/tmp", for the path of a socket.
  explicit TemporaryFolder(const std::filesystem::path& parent = ::testing::TempDir()) {
    std::string name = parent / "penstock.XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr) << name;
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace penstock
