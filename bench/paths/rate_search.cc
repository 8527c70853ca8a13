// One book of trials, which every goal reads.
#include "bench/paths/rate_search.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

namespace penstock {
namespace {

constexpr int kDecide = 2;  // trials of one kind, of at most three

class RateSearch {
 public:
  RateSearch(const RateSearchConfig& config, const std::function<Result<double>(std::uint64_t)>& trial)
      : config_(config), trial_(trial) {}

  Result<RateBounds> find(double loss, std::uint64_t first) {
    RateBounds bounds;
    if (Status s = bracket(loss, first, bounds); !s) return tl::unexpected(s.error());
    while (bounds.lower != 0 && bounds.upper != 0 && !narrow(bounds)) {
      const std::uint64_t middle = mean(bounds.lower, bounds.upper);
      const Result<bool> passed = passes(middle, loss);
      if (!passed) return tl::unexpected(passed.error());
      (*passed ? bounds.lower : bounds.upper) = middle;
    }
    return bounds;
  }

  int trials() const { return trials_; }

 private:
  bool narrow(const RateBounds& bounds) const {
    return static_cast<double>(bounds.upper - bounds.lower) <=
           config_.width * static_cast<double>(bounds.upper);
  }

  static std::uint64_t mean(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>(std::sqrt(static_cast<double>(a) * static_cast<double>(b)));
  }

  Status bracket(double loss, std::uint64_t first, RateBounds& bounds) {
    double step = config_.width;
    for (std::uint64_t rate = first;;) {
      const Result<bool> passed = passes(rate, loss);
      if (!passed) return tl::unexpected(passed.error());
      (*passed ? bounds.lower : bounds.upper) = rate;
      if (bounds.lower != 0 && bounds.upper != 0) return {};
      if (rate == (*passed ? config_.highest : config_.lowest)) return {};
      const double next = static_cast<double>(rate) * (*passed ? 1 + step : 1 / (1 + step));
      rate = std::clamp(static_cast<std::uint64_t>(next), config_.lowest, config_.highest);
      step *= 2;
    }
  }

  Result<bool> passes(std::uint64_t rate, double loss) {
    std::vector<double>& seen = book_[rate];
    for (;;) {
      const auto good = std::count_if(seen.begin(), seen.end(), [&](double lost) { return lost <= loss; });
      if (good >= kDecide) return true;
      if (static_cast<std::ptrdiff_t>(seen.size()) - good >= kDecide) return false;
      const Result<double> lost = trial_(rate);
      if (!lost) return tl::unexpected(lost.error());
      seen.push_back(*lost);
      ++trials_;
    }
  }

  const RateSearchConfig& config_;
  const std::function<Result<double>(std::uint64_t)>& trial_;
  std::map<std::uint64_t, std::vector<double>> book_;  // by rate, what each trial at it lost
  int trials_ = 0;
};

}  // namespace

Result<FoundRates> search_rates(const RateSearchConfig& config, std::span<const double> losses,
                                const std::function<Result<double>(std::uint64_t)>& trial) {
  RateSearch search(config, trial);
  FoundRates found;
  auto first = static_cast<std::uint64_t>(
      std::clamp(config.first, static_cast<double>(config.lowest), static_cast<double>(config.highest)));
  for (const double loss : losses) {
    const Result<RateBounds> bounds = search.find(loss, first);
    if (!bounds) return tl::unexpected(bounds.error());
    found.bounds.push_back(*bounds);
    first = bounds->lower != 0 ? bounds->lower : config.lowest;
  }
  found.trials = search.trials();
  return found;
}

std::string stop_rule(const RateSearchConfig& config, double seconds_a_trial) {
  return fmt::format(
      "A rate passes when two of at most three trials of {:.1f} s lose no more than the goal allows (NDR: "
      "nothing, PDR: {:.1f} %) and the sender met it. Stop: the highest rate that passed is within {:.0f} % "
      "of the lowest that did not; the former is shown.",
      seconds_a_trial, kPartialLoss * 100, config.width * 100);
}

}  // namespace penstock
