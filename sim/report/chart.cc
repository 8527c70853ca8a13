// Axes, marks and shapes.
#include "sim/report/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "sim/scenario/text.h"

namespace penstock {
namespace {

constexpr double kWidth = 520, kHeight = 220;
constexpr double kLeft = 58, kRight = 30, kTop = 30, kBottom = 44;  // around the points
constexpr int kMarks = 5;

// "0 %", "90 %", "99 %", "99.9 %" and so on.
std::string share_of_nines(std::size_t nines) {
  if (nines < 2) return nines == 0 ? "0 %" : "90 %";
  return "99" + (nines > 2 ? "." + std::string(nines - 2, '9') : "") + " %";
}

// An axis with its marks, from values to pixels.
class Axis {
 public:
  Axis(const ChartAxis& axis, double least, double most, double from, double to)
      : axis_(axis), from_(from), to_(to) {
    if (axis.scale == AxisScale::kNamed) {
      for (std::size_t i = 0; i < axis.ticks.size(); ++i)
        marks_.push_back(static_cast<double>(i));
      // Half a step of room on both sides.
      low_ = -0.5;
      high_ = static_cast<double>(axis.ticks.size()) - 0.5;
      return;
    }
    marks_ = axis_marks(axis.scale, axis.scale == AxisScale::kLog ? least : 0, most, kMarks);
    low_ = scaled(marks_.front());
    high_ = scaled(marks_.back());
  }
  const std::vector<double>& marks() const { return marks_; }
  std::string name(std::size_t mark) const {
    if (axis_.scale == AxisScale::kNamed) return axis_.ticks[mark];
    return axis_.scale == AxisScale::kNines ? share_of_nines(mark) : short_number(marks_[mark]);
  }
  double at(double value) const { return from_ + (scaled(value) - low_) / (high_ - low_) * (to_ - from_); }

 private:
  double scaled(double value) const {
    if (axis_.scale == AxisScale::kNines) return -std::log10(1 - value);
    return axis_.scale == AxisScale::kLog ? std::log10(value) : value;
  }

  const ChartAxis& axis_;
  double from_, to_, low_ = 0, high_ = 1;
  std::vector<double> marks_;
};

// A mark of its series' shape around a point, of about 8 pixels.
std::string shape(int look, double x, double y) {
  switch (look) {
    case 0:
      return fmt::format(R"(<circle class="s0" cx="{:.1f}" cy="{:.1f}" r="4">)", x, y);
    case 1:
      return fmt::format(R"(<rect class="s1" x="{:.1f}" y="{:.1f}" width="7" height="7">)", x - 3.5, y - 3.5);
    case 2:
      return fmt::format(R"(<path class="s2" d="M{:.1f} {:.1f}l4.5 8h-9z">)", x, y - 5);
    default:
      return fmt::format(R"(<path class="s3" d="M{:.1f} {:.1f}l5 5l-5 5l-5 -5z">)", x, y - 5);
  }
}

std::string end_of_shape(int look) {
  constexpr std::array<const char*, 4> kEnds = {"</circle>", "</rect>", "</path>", "</path>"};
  return kEnds[static_cast<std::size_t>(look)];
}

std::string drawn_axes(const Chart& chart, const Axis& x, const Axis& y) {
  std::string text;
  for (std::size_t i = 0; i < y.marks().size(); ++i) {
    const double at = y.at(y.marks()[i]);
    text += fmt::format(R"(<path class="grid" d="M{:.1f} {:.1f}H{:.1f}"/>)", kLeft, at, kWidth - kRight);
    text += fmt::format(R"(<text class="end" x="{:.1f}" y="{:.1f}">{}</text>)", kLeft - 6, at + 4, y.name(i));
  }
  // Names that would touch are left out: every second one, every third ...
  const std::size_t step = (x.marks().size() + 7) / 8;
  for (std::size_t i = 0; i < x.marks().size(); i += step) {
    text += fmt::format(R"(<text class="mid" x="{:.1f}" y="{:.1f}">{}</text>)", x.at(x.marks()[i]),
                        kHeight - kBottom + 16, escaped_markup(x.name(i)));
  }
  text += fmt::format(R"(<text class="mid" x="{:.1f}" y="{:.1f}">{}</text>)", (kLeft + kWidth - kRight) / 2,
                      kHeight - 8, escaped_markup(chart.x.label));
  text += fmt::format(R"(<text x="4" y="14">{}</text>)", escaped_markup(chart.y.label));
  return text + "\n";
}

std::string line_through(const std::vector<ChartPoint>& points, const Axis& x, const Axis& y) {
  std::string line;
  for (const ChartPoint& point : points)
    line += fmt::format("{}{:.1f} {:.1f}", line.empty() ? "M" : "L", x.at(point.x), y.at(point.y));
  return line;
}

std::string drawn_series(const ChartSeries& series, bool joined, const Axis& x, const Axis& y) {
  std::string shapes, line = line_through(series.points, x, y);
  for (const ChartPoint& point : series.points) {
    shapes += shape(series.look, x.at(point.x), y.at(point.y)) + "<title>" + escaped_markup(point.note) +
              "</title>" + end_of_shape(series.look);
  }
  if (!series.course.empty()) line = line_through(series.course, x, y);
  if (joined && series.points.size() + series.course.size() > 1)
    shapes.insert(0, fmt::format(R"(<path class="line s{}" d="{}"/>)", series.look, line));
  return shapes + "\n";
}

// From the right edge to the left, over the points.
std::string drawn_legend(const std::vector<ChartSeries>& all) {
  constexpr double kLetter = 7, kShapeRoom = 22;
  std::string text;
  double x = kWidth - kRight;
  for (auto series = all.rbegin(); series != all.rend(); ++series) {
    x -= static_cast<double>(series->name.size()) * kLetter + kShapeRoom;
    text += shape(series->look, x + 6, 10) + end_of_shape(series->look);
    text += fmt::format(R"(<text x="{:.1f}" y="14">{}</text>)", x + 14, escaped_markup(series->name));
  }
  return text + "\n";
}

}  // namespace

std::vector<double> axis_marks(AxisScale scale, double least, double most, int wanted) {
  std::vector<double> marks;
  if (scale == AxisScale::kLog) {
    PENSTOCK_CHECK(least > 0);
    const double first = std::floor(std::log10(least));
    const double last = std::max(first + 1, std::ceil(std::log10(most)));
    for (double power = first; power <= last; ++power)
      marks.push_back(std::pow(10, power));
    return marks;
  }
  if (scale == AxisScale::kNines) {
    PENSTOCK_CHECK(least >= 0 && most < 1);
    double beyond = 1;  // the share that is not below the mark
    do {
      marks.push_back(1 - beyond);
      beyond /= 10;
    } while (marks.size() < 2 || marks.back() < most);
    return marks;
  }
  if (most <= least) most = least + 1;
  const double raw = (most - least) / wanted;
  const double ten = std::pow(10, std::floor(std::log10(raw)));
  double step = 10 * ten;
  for (const double nice : {1.0, 2.0, 5.0}) {
    if (nice * ten >= raw) {
      step = nice * ten;
      break;
    }
  }
  const double first = std::floor(least / step), last = std::ceil(most / step);
  for (double i = first; i <= last; ++i)
    marks.push_back(i * step);
  return marks;
}

std::string short_number(double value) {
  constexpr std::array kUnits = {std::pair(1e9, "G"), std::pair(1e6, "M"), std::pair(1e3, "k")};
  for (const auto& [unit, name] : kUnits) {
    if (value >= unit) return fmt::format("{:.3g}{}", value / unit, name);
  }
  return fmt::format("{:.3g}", value);
}

std::string chart_svg(const Chart& chart) {
  constexpr double kMost = std::numeric_limits<double>::max();
  double least_x = kMost, most_x = 0, least_y = kMost, most_y = 0;
  for (const ChartSeries& series : chart.series) {
    PENSTOCK_CHECK(series.look >= 0 && series.look < 4);
    std::vector<ChartPoint> all = series.points;
    all.insert(all.end(), series.course.begin(), series.course.end());
    for (const ChartPoint& point : all) {
      least_x = std::min(least_x, point.x);
      most_x = std::max(most_x, point.x);
      least_y = std::min(least_y, point.y);
      most_y = std::max(most_y, point.y);
    }
  }
  PENSTOCK_CHECK(least_x != kMost);
  const Axis x(chart.x, least_x, most_x, kLeft, kWidth - kRight);
  const Axis y(chart.y, least_y, most_y, kHeight - kBottom, kTop);
  std::string text =
      fmt::format("<svg class=\"chart\" role=\"img\" viewBox=\"0 0 {:.0f} {:.0f}\"><title>{}</title>\n",
                  kWidth, kHeight, escaped_markup(chart.title));
  text += drawn_axes(chart, x, y);
  for (const ChartSeries& series : chart.series)
    text += drawn_series(series, chart.joined, x, y);
  return text + drawn_legend(chart.series) + "</svg>\n";
}

}  // namespace penstock
