// Generated captures: byte-identical from run to run, and read back as the workload that they are.
#include "sim/commands/generate.h"

#include <errno.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "engine/shred/shreds_report.h"
#include "sim/replay/capture_workload.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

const LinkAddresses kLink{
    .sender_mac = {{2, 0, 0, 0, 0, 1}}, .receiver_mac = {{2, 0, 0, 0, 0, 2}}, .receiver = {{10, 0, 0, 2}}};

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class GenerateTest : public ::testing::Test {
 protected:
  GenerateTest()
      : folder_(fs::path(::testing::TempDir()) /
                ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::create_directories(folder_);
  }
  ~GenerateTest() override { fs::remove_all(folder_); }

  fs::path made(const char* name, const WorkloadRecipe& recipe) {
    fs::path path = folder_ / name;
    const auto generated = generate_capture(recipe, path, [this](const std::string&, auto done, auto of) {
      EXPECT_LE(done, of);
      last_ = of;
    });
    EXPECT_TRUE(generated) << generated.error().message();
    EXPECT_EQ(last_, generated ? generated->workload.frames().size() : 0);
    return path;
  }

  fs::path folder_;
  std::uint64_t last_ = 0;
};

TEST_F(GenerateTest, TwoRunsAreByteIdenticalAndAnotherSeedIsNot) {
  WorkloadRecipe recipe{.profile = "mixed", .seed = 5, .link = kLink, .content = ShredContent::kSigned};
  const std::string once = content_of(made("once", recipe));
  EXPECT_EQ(once, content_of(made("again", recipe)));
  recipe.seed = 6;
  EXPECT_NE(once, content_of(made("other", recipe)));
}

TEST_F(GenerateTest, ReadsBackAsTheSameFramesAtTheSameTimes) {
  const WorkloadRecipe recipe{.profile = "mainnet-1x", .seed = 2, .slots = 2, .link = kLink};
  const auto prepared = prepare_workload(recipe);
  ASSERT_TRUE(prepared);
  const auto read = read_capture_workload(made("capture", recipe), kLink, CaptureAddresses::kVerbatim);
  ASSERT_TRUE(read) << read.error().message();
  ASSERT_EQ(read->frames().size(), prepared->workload.frames().size());
  const Nanoseconds first = prepared->workload.frames().front().at;
  for (std::size_t i = 0; i < read->frames().size(); ++i) {
    const TimedFrame& made = prepared->workload.frames()[i];
    ASSERT_EQ(read->frames()[i].at, made.at - first) << i;
    ASSERT_TRUE(std::equal(made.bytes.begin(), made.bytes.end(), read->frames()[i].bytes.begin(),
                           read->frames()[i].bytes.end()))
        << i;
  }
}

TEST_F(GenerateTest, TheShredToolFindsEverySetInIt) {
  const WorkloadRecipe recipe{
      .profile = "first-light", .seed = 1, .link = kLink, .content = ShredContent::kSigned};
  const auto leader = prepare_workload(recipe)->leader;
  const auto report = report_shreds(made("capture", recipe), {.port = 8000, .leader = leader});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->sets_in(ReportedSet::State::kComplete), 25u);
  EXPECT_EQ(report->sets.size(), 25u);
}

TEST_F(GenerateTest, AnErrorLeavesNoFile) {
  const fs::path path = folder_ / "capture";
  const auto generated =
      generate_capture({.profile = "no-such-profile"}, path, [](const std::string&, auto, auto) {});
  ASSERT_FALSE(generated);
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(GenerateTest, AFolderThatIsNotThereKeepsItsErrno) {
  const auto generated = generate_capture({.profile = "first-light"}, folder_ / "no" / "capture",
                                          [](const std::string&, auto, auto) {});
  ASSERT_FALSE(generated);
  EXPECT_EQ(generated.error().code, ENOENT);
}

}  // namespace
}  // namespace penstock
