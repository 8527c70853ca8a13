// The search for fixtures, on folders that the test makes itself.
#include "engine/testing/fixtures.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <gtest/gtest.h>

namespace penstock::testing {
namespace {

namespace fs = std::filesystem;

// A folder with INDEX.md and one fixture, and the two variables restored afterwards.
class Fixtures : public ::testing::Test {
 protected:
  Fixtures() : root_(fs::path(::testing::TempDir()) / "fixtures_test") {
    fs::remove_all(root_);
    fs::create_directories(root_ / "shared/fixtures");
    fs::create_directories(root_ / "tree/deep/inside");
    std::ofstream(root_ / "shared/fixtures/INDEX.md") << "index\n";
    std::ofstream(root_ / "shared/fixtures/one.bin") << std::string("a\0b", 3);
    unsetenv("PENSTOCK_FIXTURES");
    unsetenv("TEST_SRCDIR");
  }
  ~Fixtures() override {
    unsetenv("PENSTOCK_FIXTURES");
    unsetenv("BUILD_WORKSPACE_DIRECTORY");
    fs::remove_all(root_);
  }

  fs::path root_;
};

TEST_F(Fixtures, AreFoundInTheNamedFolder) {
  setenv("PENSTOCK_FIXTURES", (root_ / "shared/fixtures").c_str(), 1);
  EXPECT_EQ(fixture("one.bin"), root_ / "shared/fixtures/one.bin");
  EXPECT_EQ(fixture("two.bin"), std::nullopt);
}

TEST_F(Fixtures, AnEmptyVariableMeansNowhere) {
  setenv("BUILD_WORKSPACE_DIRECTORY", root_.c_str(), 1);
  setenv("PENSTOCK_FIXTURES", "", 1);
  EXPECT_EQ(fixture("one.bin"), std::nullopt);
}

TEST_F(Fixtures, AreFoundAboveTheWorkspace) {
  setenv("BUILD_WORKSPACE_DIRECTORY", (root_ / "tree/deep/inside").c_str(), 1);
  EXPECT_EQ(fixture("one.bin"), root_ / "shared/fixtures/one.bin");
}

TEST_F(Fixtures, ReadsAllBytesAndThrowsOnAMissingFile) {
  EXPECT_EQ(read_fixture(root_ / "shared/fixtures/one.bin"), std::string("a\0b", 3));
  EXPECT_THROW(read_fixture(root_ / "shared/fixtures/two.bin"), std::runtime_error);
}

TEST_F(Fixtures, TheReasonToSkipNamesTheFileAndTheWayOut) {
  EXPECT_NE(fixture_absent("x.pcap").find("x.pcap"), std::string::npos);
  EXPECT_NE(fixture_absent("x.pcap").find("PENSTOCK_FIXTURES"), std::string::npos);
}

}  // namespace
}  // namespace penstock::testing
