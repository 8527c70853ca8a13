// A process that is asked and never answers. It is this program itself, by the words that it is asked with.
#include "engine/commands/better_way.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/privilege/fresh_doctor.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

std::vector<pid_t> all_children() {
  std::vector<pid_t> found;
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "children");
    for (pid_t pid = 0; file >> pid;)
      found.push_back(pid);
  }
  return found;
}
std::size_t children() {
  return all_children().size();
}
pid_t child() {
  return all_children().at(0);
}

TEST(BetterWay, AProcessThatHangsIsKilledAndAnotherOneAsked) {
  std::optional<FreshDoctor> doctor;
  const auto ask = [&]() -> Result<UniqueFd> {
    doctor.reset();
    Result<FreshDoctor> asked = FreshDoctor::ask("any.toml");
    if (!asked) return tl::unexpected(asked.error());
    return doctor.emplace(std::move(*asked)).take_output();
  };
  BetterWay way(ask, Path::kUdp, 30 * kSecond);
  Nanoseconds now = kSecond;
  EXPECT_FALSE(way.look(now));
  now += 31 * kSecond;
  EXPECT_FALSE(way.look(now));
  ASSERT_EQ(children(), 1u);
  now += BetterWay::kPatience - kSecond;
  EXPECT_FALSE(way.look(now));
  EXPECT_EQ(children(), 1u) << "still in time";
  const pid_t first = child();
  now += 2 * kSecond;
  EXPECT_FALSE(way.look(now)) << "too late: it is not listened to any more";
  now += 31 * kSecond;
  EXPECT_FALSE(way.look(now));
  EXPECT_EQ(children(), 1u) << "asked again";
  EXPECT_NE(child(), first);
  EXPECT_FALSE(way.found());
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
