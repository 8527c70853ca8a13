// In the runfiles to compare, in the workspace to write.
#include "engine/testing/generated_page.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace penstock::testing {
namespace {

bool update = false;  // set once by main()

// Empty when the test was not started by `bazel run`.
std::string workspace() {
  const char* root = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  return root == nullptr ? "" : std::string(root) + "/";
}

}  // namespace

std::string page_text(const std::string& file) {
  std::ifstream in((update ? workspace() : "") + file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void expect_page(const std::string& file, const std::string& wanted, const std::string& label) {
  if (!update) {
    EXPECT_EQ(page_text(file), wanted) << "run: bazel run " << label << " -- --update";
    return;
  }
  ASSERT_NE(workspace(), "") << "--update works under `bazel run` only";
  std::ofstream out(workspace() + file);
  out << wanted;
  ASSERT_TRUE(out.good());
}

}  // namespace penstock::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  penstock::testing::update = argc > 1 && std::strcmp(argv[1], "--update") == 0;
  return RUN_ALL_TESTS();
}
