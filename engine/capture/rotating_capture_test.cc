// Files that follow each other: how many, how large, by what numbers, and what a disk that refuses does.
#include "engine/capture/rotating_capture.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/capture/capture.h"
#include "engine/testing/temporary_folder.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

class RotatingCaptureTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kFileBytes = 4096;
  static constexpr std::size_t kFrame = 1000;

  Result<RotatingCapture> open(std::size_t files) const {
    const PcapngInterface interface { LinkType::kRawIp, "eth0", "as it came" };
    return RotatingCapture::open(folder_, {.file_bytes = kFileBytes, .files = files}, {&interface, 1});
  }
  // One frame, all of whose bytes are `number`.
  static std::vector<std::byte> packet(std::uint8_t number, std::size_t bytes = kFrame) {
    std::vector<std::byte> blocks;
    append_packet(blocks, 0, number, std::vector<std::byte>(bytes, std::byte{number}));
    return blocks;
  }
  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& each : fs::directory_iterator(folder_))
      names.insert(each.path().filename());
    return names;
  }
  // The numbers of the frames of one file, each whole.
  std::vector<int> frames_of(const std::string& name) const {
    std::vector<int> numbers;
    auto reader = CaptureReader::open(folder_ / name);
    EXPECT_TRUE(reader) << reader.error().message();
    while (reader) {
      const auto frame = reader->next();
      EXPECT_TRUE(frame) << frame.error().message();
      if (!frame || !*frame) break;
      EXPECT_EQ((*frame)->link, LinkType::kRawIp);
      EXPECT_EQ((*frame)->bytes.size(), kFrame);
      const auto first = std::to_integer<int>((*frame)->bytes[0]);
      EXPECT_EQ((*frame)->time, first);
      for (const std::byte each : (*frame)->bytes)
        EXPECT_EQ(std::to_integer<int>(each), first);
      numbers.push_back(first);
    }
    return numbers;
  }

  const TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(RotatingCaptureTest, BeginsANewFileWhenOneIsFullAndKeepsTheNewest) {
  auto capture = open(2);
  ASSERT_TRUE(capture) << capture.error().message();
  EXPECT_EQ(names(), std::set<std::string>()) << "nothing came yet";
  for (std::uint8_t i = 1; i <= 10; ++i)
    ASSERT_TRUE(capture->write(packet(i)));
  EXPECT_EQ(capture->begun(), 4u);
  EXPECT_EQ(names(), (std::set<std::string>{"penstock-000003.pcapng", "penstock-000004.pcapng"}));
  EXPECT_EQ(frames_of("penstock-000003.pcapng"), (std::vector<int>{7, 8, 9}));
  EXPECT_EQ(frames_of("penstock-000004.pcapng"), (std::vector<int>{10})) << "readable while it is written";
  for (const std::string& name : names())
    EXPECT_LE(fs::file_size(folder_ / name), kFileBytes);
}

TEST_F(RotatingCaptureTest, GoesOnBehindTheFilesOfEarlierRunsAndLeavesOthersAlone) {
  const std::set<std::string> others = {"penstock-000012.pcapng.gz", "penstock-12.pcapng",
                                        "penstock-x.pcapng", "notes"};
  for (const std::string& name : others)
    std::ofstream(folder_ / name) << "mine";
  for (const char* name : {"penstock-000009.pcapng", "penstock-1000000.pcapng"})
    std::ofstream(folder_ / name) << "of an earlier run";
  auto capture = open(2);
  ASSERT_TRUE(capture) << capture.error().message();
  ASSERT_TRUE(capture->write(packet(1)));
  std::set<std::string> wanted = others;
  wanted.insert({"penstock-1000000.pcapng", "penstock-1000001.pcapng"});
  EXPECT_EQ(names(), wanted) << "the oldest by number went";
  EXPECT_EQ(RotatingCapture::bytes_in(folder_), fs::file_size(folder_ / "penstock-1000000.pcapng") +
                                                    fs::file_size(folder_ / "penstock-1000001.pcapng"));
  EXPECT_EQ(RotatingCapture::bytes_in(folder_ / "nowhere"), 0u);
}

TEST_F(RotatingCaptureTest, OneFileAlone) {
  auto capture = open(1);
  ASSERT_TRUE(capture) << capture.error().message();
  for (std::uint8_t i = 1; i <= 7; ++i)
    ASSERT_TRUE(capture->write(packet(i)));
  EXPECT_EQ(frames_of("penstock-000003.pcapng"), (std::vector<int>{7}));
  EXPECT_EQ(names().size(), 1u);
}

TEST_F(RotatingCaptureTest, AWriteLongerThanAFileHasOneForItself) {
  auto capture = open(3);
  ASSERT_TRUE(capture) << capture.error().message();
  ASSERT_TRUE(capture->write(packet(1, 2 * kFileBytes)));
  ASSERT_TRUE(capture->write(packet(2)));
  EXPECT_EQ(frames_of("penstock-000002.pcapng"), (std::vector<int>{2}));
}

// A limit on files' size stands for the disk's end: it too lets the first part of a write through.
TEST_F(RotatingCaptureTest, HalfAWriteIsTakenBackAndTheNextMaySucceed) {
  auto capture = open(2);
  ASSERT_TRUE(capture) << capture.error().message();
  ASSERT_TRUE(capture->write(packet(1)));
  const std::uintmax_t whole = fs::file_size(folder_ / "penstock-000001.pcapng");

  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = whole + 100, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status refused = capture->write(packet(2));
  const std::uintmax_t after = fs::file_size(folder_ / "penstock-000001.pcapng");
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, EFBIG);
  EXPECT_NE(refused.error().what.find("penstock-000001.pcapng"), std::string::npos) << refused.error().what;
  EXPECT_EQ(after, whole);

  ASSERT_TRUE(capture->write(packet(3)));
  EXPECT_EQ(frames_of("penstock-000001.pcapng"), (std::vector<int>{1, 3}));
}

TEST_F(RotatingCaptureTest, AFolderThatIsNotThereOrNoneIsSaid) {
  fs::path nowhere = folder_ / "nowhere";
  auto missing = RotatingCapture::open(nowhere, {.file_bytes = 1, .files = 1}, {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ENOENT);
  EXPECT_EQ(missing.error().what, "capture into " + nowhere.string());
  std::ofstream(nowhere) << "a file";
  EXPECT_EQ(RotatingCapture::open(nowhere, {.file_bytes = 1, .files = 1}, {}).error().code, ENOTDIR);
}

}  // namespace
}  // namespace penstock
