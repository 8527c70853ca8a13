// Repeated measurements of one thing: median and quartiles, since single runs on a shared machine say little.
//
// Thread safety: values.
#pragma once

#include <cstddef>
#include <vector>

namespace penstock {

class Sample {
 public:
  void add(double value) { values_.push_back(value); }
  std::size_t size() const { return values_.size(); }
  const std::vector<double>& values() const { return values_; }

  // By linear interpolation between the two nearest; 0 of nothing. q from 0 to 1.
  double quantile(double q) const;
  double median() const { return quantile(0.5); }

 private:
  std::vector<double> values_;
};

// The ratios of two samples that were taken in turns, pair by pair: what disturbed both falls out.
Sample ratios(const Sample& of, const Sample& to);

}  // namespace penstock
