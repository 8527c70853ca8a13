// Plans there and back, and what a bad file is told.
#include "sim/simulate/plan_file.h"

#include <gtest/gtest.h>

#include "sim/simulate/run.h"

namespace penstock {
namespace {

TEST(PlanFile, ThereAndBackIsTheSameRun) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const SimPlan plan = draw_plan(seed);
    const std::string text = plan_text(plan, "a comment\nof two lines");
    const Result<SimPlan> read = parse_plan(text, "plan.toml");
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->events, plan.events);
    EXPECT_EQ(plan_text(*read, "a comment\nof two lines"), text);
    EXPECT_EQ(run_plan(*read), run_plan(plan)) << "seed " << seed;
  }
}

std::string why_not(const std::string& old, const std::string& wrong) {
  SimPlan plan = draw_plan(3);
  plan.events = {{.at = 10, .kind = SimEventKind::kFrame, .frame = {.number = 7}},
                 {.at = 20, .kind = SimEventKind::kClearSocket, .a = 0},
                 {.at = 30, .kind = SimEventKind::kLoseFrames, .a = 3},
                 {.at = 40, .kind = SimEventKind::kSetQueues, .a = 2}};
  std::string text = plan_text(plan, "");
  const std::size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << text;
  text.replace(at, old.size(), wrong);
  const Result<SimPlan> read = parse_plan(text, "plan.toml");
  return read ? "" : read.error().message();
}

TEST(PlanFile, SaysWhatIsWrong) {
  EXPECT_NE(why_not("10 frame", "10 fame").find("no event is called 'fame'"), std::string::npos);
  EXPECT_NE(why_not("frame ours", "frame hours").find("no frame is called 'hours'"), std::string::npos);
  EXPECT_NE(why_not("number 7", "number x").find("a number is missing"), std::string::npos);
  EXPECT_NE(why_not("number 7", "nummer 7").find("a frame has no 'nummer'"), std::string::npos);
  EXPECT_NE(why_not("clear_socket 0", "clear_socket 9").find("no such queue"), std::string::npos);
  EXPECT_NE(why_not("clear_socket 0", "clear_socket").find("its value is missing"), std::string::npos);
  EXPECT_NE(why_not("clear_socket 0", "clear_socket 0 1").find("'1' is too much"), std::string::npos);
  EXPECT_NE(why_not("set_queues 2", "set_queues 33").find("above 32"), std::string::npos);
  EXPECT_NE(why_not("lose_frames 3", "lose_frames").find("its value is missing"), std::string::npos);
  EXPECT_NE(why_not("20 clear", "5 clear").find("earlier than the event before it"), std::string::npos);
  EXPECT_NE(why_not("filter = ", "filtre = ").find("plan.toml:"), std::string::npos);
  EXPECT_NE(why_not("rx_entries = ", "rx_entries = 3 #").find("rx_entries"), std::string::npos);
}

}  // namespace
}  // namespace penstock
