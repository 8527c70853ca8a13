// A process that is asked and never answers. It is this program itself, by the words that it is asked with.
#include "engine/commands/better_way.h"

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string_view>

#include <gtest/gtest.h>

namespace penstock {
namespace {

namespace fs = std::filesystem;

int children() {
  int found = 0;
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "children");
    for (int pid = 0; file >> pid;)
      ++found;
  }
  return found;
}

TEST(BetterWay, AProcessThatHangsIsKilledAndAnotherOneAsked) {
  BetterWay way("any.toml", Path::kUdp, 30 * kSecond);
  Nanoseconds now = kSecond;
  EXPECT_FALSE(way.look(now));
  now += 31 * kSecond;
  EXPECT_FALSE(way.look(now));
  ASSERT_EQ(children(), 1);
  now += BetterWay::kPatience - kSecond;
  EXPECT_FALSE(way.look(now));
  EXPECT_EQ(children(), 1) << "still in time";
  now += 2 * kSecond;
  for (int i = 0; i < 1000 && children() != 0; ++i) {
    EXPECT_FALSE(way.look(now));
    usleep(10'000);
  }
  EXPECT_EQ(children(), 0);
  EXPECT_FALSE(way.found());
  now += 31 * kSecond;
  EXPECT_FALSE(way.look(now));
  EXPECT_EQ(children(), 1) << "asked again";
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "doctor") {
    for (;;)
      pause();
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
