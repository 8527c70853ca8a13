// Order statistics.
#include "bench/paths/sample.h"

#include <algorithm>

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

Sample ratios(const Sample& of, const Sample& to) {
  Sample sample;
  for (std::size_t i = 0; i < std::min(of.size(), to.size()); ++i) {
    if (to.values()[i] != 0) sample.add(of.values()[i] / to.values()[i]);
  }
  return sample;
}

}  // namespace penstock
