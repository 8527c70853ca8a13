// Which binary, where its files go, and main().
#include "engine/commands/testing/run_process.h"

#include <cstdio>
#include <cstdlib>

namespace penstock {
namespace {

std::string the_binary;  // these two are set once by main()
std::filesystem::path the_folder;

}  // namespace

const std::string& RunProcess::binary() {
  return the_binary;
}

const std::filesystem::path& RunProcess::folder() {
  return the_folder;
}

}  // namespace penstock

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc < 2) return 2;
  std::string folder = std::filesystem::temp_directory_path() / "penstock.XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    std::perror("mkdtemp");
    return 2;
  }
  penstock::the_binary = std::filesystem::absolute(argv[1]).string();
  penstock::the_folder = folder;
  const int result = RUN_ALL_TESTS();
  std::filesystem::remove_all(folder);
  return result;
}
