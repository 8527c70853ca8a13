// Order statistics.
#include "bench/paths/sample.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace penstock {

double Sample::quantile(double q) const {
  if (values_.empty()) return 0;
  std::vector<double> sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Interval Sample::interval() const {
  const std::size_t n = values_.size();
  if (n == 0) return {};
  // `outside`: that fewer than `rank` values are on one given side of the median, as coins fall.
  double ways = 1, outside = std::ldexp(1.0, -static_cast<int>(n));
  std::size_t rank = 1;
  for (; rank < n / 2; ++rank) {
    ways = ways * static_cast<double>(n - rank + 1) / static_cast<double>(rank);
    const double next = outside + ways * std::ldexp(1.0, -static_cast<int>(n));
    if (2 * next > 0.05) break;
    outside = next;
  }
  std::vector<double> sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  return {sorted[rank - 1], sorted[n - rank], 1 - 2 * outside};
}

std::string Sample::text(double unit, int digits) const {
  if (values_.empty()) return "-";
  const Interval bounds = interval();
  return fmt::format("{:.{}f} [{:.{}f} {:.{}f}]", median() / unit, digits, bounds.low / unit, digits,
                     bounds.high / unit, digits);
}

Sample ratios(const Sample& of, const Sample& to) {
  Sample sample;
  for (std::size_t i = 0; i < std::min(of.size(), to.size()); ++i) {
    if (to.values()[i] != 0) sample.add(of.values()[i] / to.values()[i]);
  }
  return sample;
}

}  // namespace penstock
