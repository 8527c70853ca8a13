// What the table of a sweep says, of cells that are made up.
#include "bench/paths/sweep.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

Sample of(double a, double b, double c) {
  Sample sample;
  for (const double value : {a, b, c})
    sample.add(value);
  return sample;
}

std::string row_of(const std::string& table, const std::string& way) {
  const std::size_t at = table.find("| " + way);
  return at == table.npos ? "" : table.substr(at, table.find('\n', at) - at);
}

TEST(Sweep, StepsAreThoseOfTheIssue) {
  std::vector<std::uint32_t> shares, lengths;
  for (const Traffic& step : share_steps())
    shares.push_back(step.ours_percent);
  for (const Traffic& step : length_steps()) {
    lengths.push_back(step.frame_bytes);
    EXPECT_EQ(step.ours_percent, 100u);
  }
  EXPECT_EQ(shares, (std::vector<std::uint32_t>{100, 50, 10, 1}));
  EXPECT_EQ(lengths.front(), 64u);
  EXPECT_EQ(lengths.back(), 1270u);
}

TEST(Sweep, RatiosAreToTheKernelFilterWithTheSameWaitAtTheSameStep) {
  const Traffic whole{.ours_percent = 100}, tenth{.ours_percent = 10};
  Sweep sweep;
  sweep.cells = {
      {.traffic = whole, .way = "kernel_filter/block", .max = of(1e6, 1e6, 1e6), .cost = of(100, 200, 400)},
      {.traffic = whole,
       .way = "userspace_filter/block",
       .max = of(1e6, 1e6, 1e6),
       .cost = of(150, 300, 600)},
      {.traffic = tenth, .way = "kernel_filter/block", .max = of(1e6, 1e6, 1e6), .cost = of(1, 1, 1)},
      {.traffic = whole, .way = "kernel_filter/spin", .max = of(2e6, 2e6, 2e6)},
      {.traffic = whole, .way = "udp/spin", .max = of(5e5, 1e6, 5e5), .lost = of(0, 0.25, 0.5)}};
  const std::string table = to_table(sweep);
  EXPECT_NE(row_of(table, "userspace_filter/block").find("1.50 [1.50 1.50] |"), std::string::npos) << table;
  EXPECT_NE(row_of(table, "udp/spin").find("0.25 [0.25 0.50] |"), std::string::npos) << table;
  EXPECT_NE(row_of(table, "udp/spin").find("25.0 %"), std::string::npos) << table;
  EXPECT_TRUE(row_of(table, "kernel_filter/spin").ends_with(" - |")) << table;
}

TEST(Sweep, ARateThatWasMissedHasNoCost) {
  Sweep sweep;
  sweep.cells = {{.way = "udp/block", .cost = of(1, 2, 3), .kept_rate = false}};
  EXPECT_NE(row_of(to_table(sweep), "udp/block").find("rate missed"), std::string::npos);
}

}  // namespace
}  // namespace penstock
