// Charts as inline SVG: points, joined by lines where asked, over one horizontal and one vertical axis.
//
// Series are told apart by colour and by shape (circle, square, triangle, diamond), so that nobody needs
// colours; each point says its note when a pointer rests on it. A legend is part of the drawing. Colours come
// from the page's style sheet by class.
//
// Thread safety: no state.
#pragma once

#include <string>
#include <vector>

namespace penstock {

struct ChartPoint {
  double x = 0, y = 0;
  std::string note;  // what the point is: its values in words
};

struct ChartSeries {
  std::string name;
  int look = 0;  // 0 to 3: colour and shape, the same for one path in every chart
  std::vector<ChartPoint> points;
  // What the series' line goes through where that is more than its points; their notes are not shown.
  std::vector<ChartPoint> course{};
};

enum class AxisScale : std::uint8_t {
  kFromZero,  // linear, and 0 is on it
  kLog,       // values must be positive
  kNines,     // a share, from 0 to less than 1: 90 % is as far from 0 as 99 % from 90 %
  kNamed,     // x = 0, 1, 2 … have the names of `ticks`
};

struct ChartAxis {
  std::string label;
  AxisScale scale = AxisScale::kFromZero;
  std::vector<std::string> ticks{};  // for kNamed
};

struct Chart {
  std::string title;
  ChartAxis x, y;
  bool joined = true;  // points by lines, in the order given
  std::vector<ChartSeries> series;
};

// Axes span their points. REQUIRES: at least one point, and a `look` below 4.
std::string chart_svg(const Chart& chart);

// Marks for an axis from `least` to `most`, at most about `wanted` of them: 1, 2 or 5 times a power of ten
// apart, or powers of ten on a logarithmic axis, or one nine more each. They enclose the range: the first is
// at most `least`, the last at least `most`.
std::vector<double> axis_marks(AxisScale scale, double least, double most, int wanted);

// 1234567 as "1.23M", 0.5 as "0.5": three digits at most.
std::string short_number(double value);

}  // namespace penstock
