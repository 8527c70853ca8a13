// Marks of axes, numbers, and what a chart draws.
#include "sim/report/chart.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

using Marks = std::vector<double>;

TEST(AxisMarks, AreOneTwoOrFiveApartAndEncloseTheRange) {
  EXPECT_EQ(axis_marks(AxisScale::kFromZero, 0, 10, 5), (Marks{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(axis_marks(AxisScale::kFromZero, 0, 347'000, 5), (Marks{0, 1e5, 2e5, 3e5, 4e5}));
  EXPECT_EQ(axis_marks(AxisScale::kFromZero, 0, 2.2, 5), (Marks{0, 0.5, 1, 1.5, 2, 2.5}));
  EXPECT_EQ(axis_marks(AxisScale::kFromZero, 0, 0, 4).front(), 0);
  EXPECT_GE(axis_marks(AxisScale::kFromZero, 0, 0, 4).back(), 1)
      << "a range of nothing has room all the same";
  for (const double most : {0.001, 7.0, 99.0, 101.0, 12345.0, 1e9}) {
    const Marks marks = axis_marks(AxisScale::kFromZero, 0, most, 5);
    EXPECT_GE(marks.back(), most);
    EXPECT_GE(marks.size(), 3u) << most;
    EXPECT_LE(marks.size(), 7u) << most;
  }
}

TEST(AxisMarks, OfALogarithmArePowersOfTen) {
  EXPECT_EQ(axis_marks(AxisScale::kLog, 4000, 400'000, 5), (Marks{1e3, 1e4, 1e5, 1e6}));
  EXPECT_EQ(axis_marks(AxisScale::kLog, 100, 100, 5), (Marks{100, 1000}));
}

TEST(AxisMarks, OfSharesHaveOneNineMoreEach) {
  const auto near = [](const Marks& found, const Marks& wanted) {
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      EXPECT_NEAR(found[i], wanted[i], 1e-12);
  };
  near(axis_marks(AxisScale::kNines, 0.5, 0.5, 5), {0, 0.9});
  near(axis_marks(AxisScale::kNines, 0.5, 0.9995, 5), {0, 0.9, 0.99, 0.999, 0.9999});
}

TEST(ShortNumber, HasThreeDigitsAndAUnit) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(0.5), "0.5");
  EXPECT_EQ(short_number(999), "999");
  EXPECT_EQ(short_number(1000), "1k");
  EXPECT_EQ(short_number(1'234'567), "1.23M");
  EXPECT_EQ(short_number(2e9), "2G");
}

Chart some_chart() {
  return {.title = "t",
          .x = {.label = "run", .scale = AxisScale::kNamed, .ticks = {"mon", "tue"}},
          .y = {.label = "lost"},
          .series = {{"a", 0, {{0, 1, "first & best"}, {1, 4, "second"}}}, {"b", 3, {{1, 2, "other"}}}}};
}

TEST(ChartSvg, DrawsPointsWithTheirNotesLinesAndALegend) {
  const std::string svg = chart_svg(some_chart());
  for (const char* part : {"<title>t</title>", "<title>first &amp; best</title>", "<title>other</title>",
                           ">mon<", ">tue<", ">lost<", ">a</text>", ">b</text>", "class=\"line s0\""}) {
    EXPECT_NE(svg.find(part), std::string::npos) << part << " in\n" << svg;
  }
  EXPECT_EQ(svg.find("class=\"line s3\""), std::string::npos) << "one point is no line";
  Chart apart = some_chart();
  apart.joined = false;
  EXPECT_EQ(chart_svg(apart).find("class=\"line"), std::string::npos);
}

TEST(ChartSvg, PutsMoreHigherAndLaterFurtherRight) {
  // The axis of y goes from 0 to 4, of x from half a step before the first name to half a step behind the
  // last.
  const std::string svg = chart_svg(some_chart());
  EXPECT_NE(svg.find("d=\"M166.0 139.5L382.0 30.0\""), std::string::npos) << svg;
}

TEST(ChartSvg, DrawsACourseThroughMoreThanItsPoints) {
  Chart chart = some_chart();
  chart.x = {.label = "share", .scale = AxisScale::kNines};
  chart.series = {{"a", 0, {{0.99, 4, "p99"}}, {{0, 1, ""}, {0.9, 2, ""}, {0.999, 4, ""}}}};
  const std::string svg = chart_svg(chart);
  // From 0 to three nines over the width, from 0 to 4 over the height.
  EXPECT_NE(svg.find("class=\"line s0\" d=\"M58.0 139.5L202.0 103.0L490.0 30.0\""), std::string::npos) << svg;
  EXPECT_NE(svg.find(">99.9 %<"), std::string::npos) << svg;
  std::size_t circles = 0;
  for (std::size_t at = svg.find("<circle"); at != std::string::npos; at = svg.find("<circle", at + 1))
    ++circles;
  EXPECT_EQ(circles, 2u) << "one point, and one in the legend";
}

TEST(ChartDeathTest, NeedsAPoint) {
  Chart chart = some_chart();
  chart.series.clear();
  EXPECT_DEATH(chart_svg(chart), "");
}

}  // namespace
}  // namespace penstock
