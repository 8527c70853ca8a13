// The progress line on a terminal and elsewhere, with a clock that the test moves.
#include "sim/commands/progress.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace penstock {
namespace {

class ProgressTest : public ::testing::Test {
 protected:
  ~ProgressTest() override {
    std::fclose(stream_);
    std::free(buffer_);
  }

  // What was written since the last call.
  std::string said() {
    std::fflush(stream_);
    const std::string all(buffer_, size_);
    std::string news = all.substr(read_);
    read_ = all.size();
    return news;
  }
  static ProgressPoint sending(std::uint64_t done, std::uint64_t lost = 0) {
    return {.phase = "udp: sending", .done = done, .of = 40'000, .lost = lost};
  }

  char* buffer_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* stream_ = open_memstream(&buffer_, &size_);
  std::size_t read_ = 0;
  ManualClock clock_;
};

TEST_F(ProgressTest, ATerminalHasPhaseRateLossAndTimeLeftInOneLine) {
  const std::string again = "\r\033[Krunner: ";
  ProgressLine line(stream_, true, clock_);
  line.show({.phase = "udp: setting up"});
  EXPECT_EQ(said(), again + "udp: setting up");
  line.show(sending(0));
  EXPECT_EQ(said(), again + "udp: sending 0 of 40,000 frames (0 %), 0 lost");
  clock_.advance(500 * kMillisecond);
  line.show(sending(5'000));
  EXPECT_EQ(said(), again + "udp: sending 5,000 of 40,000 frames (12 %), 10,000 frames/s, 0 lost, 4 s left");
  clock_.advance(50 * kMillisecond);
  line.show(sending(5'500));
  EXPECT_EQ(said(), "") << "ten times a second at most";
  clock_.advance(450 * kMillisecond);
  line.show(sending(10'000));
  said();
  clock_.advance(kSecond);
  line.show(sending(30'000, 12));  // faster now
  EXPECT_EQ(said(),
            again + "udp: sending 30,000 of 40,000 frames (75 %), 20,000 frames/s, 12 lost, 1 s left");
  clock_.advance(2 * kSecond);
  line.show(sending(40'000, 12));
  EXPECT_EQ(said(), again + "udp: sending 40,000 of 40,000 frames (100 %), 10,000 frames/s, 12 lost")
      << "the rate of the whole phase";
}

TEST_F(ProgressTest, ElsewhereAPhaseHasALineAtItsBeginningAndAtItsEnd) {
  ProgressLine line(stream_, false, clock_);
  line.show(sending(0));
  EXPECT_EQ(said(), "runner: udp: sending\n");
  clock_.advance(4 * kSecond);
  line.show(sending(20'000));
  EXPECT_EQ(said(), "");
  clock_.advance(6 * kSecond);
  line.show(sending(30'000, 7));
  EXPECT_EQ(said(), "runner: udp: sending 30,000 of 40,000 frames (75 %), 1,666 frames/s, 7 lost, 7 s left\n")
      << "the rate since it was last measured";
  clock_.advance(10 * kSecond);
  line.show(sending(40'000, 7));
  EXPECT_EQ(said(), "runner: udp: sending 40,000 of 40,000 frames (100 %), 2,000 frames/s, 7 lost\n");
  line.show(sending(40'000, 7));
  EXPECT_EQ(said(), "") << "once";
}

TEST_F(ProgressTest, CountsInTheUnitOfThePoint) {
  ProgressLine line(stream_, true, clock_);
  line.show({.phase = "simulating", .done = 1, .of = 4, .unit = "seeds"});
  EXPECT_NE(said().find("1 of 4 seeds (25 %)"), std::string::npos);
}

}  // namespace
}  // namespace penstock
