// Repeated measurements of one thing: median and quartiles, since single runs on a shared machine say little.
//
// Thread safety: values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace penstock {

struct Interval {
  double low = 0;
  double high = 0;
  double confidence = 0;  // that the median of what was sampled lies in it
};

class Sample {
 public:
  void add(double value) { values_.push_back(value); }
  std::size_t size() const { return values_.size(); }
  const std::vector<double>& values() const { return values_; }

  // By linear interpolation between the two nearest; 0 of nothing. q from 0 to 1.
  double quantile(double q) const;
  double median() const { return quantile(0.5); }
  // Of the median, by order statistics (the sign test turned round, as in bench/paired/pairs.py): it asks
  // nothing of the noise. The narrowest of at least 95 %; of fewer than six values the whole range, with what
  // that is worth: five say 93.75 %. Zeros of nothing.
  Interval interval() const;
  // "1.96 [1.80 2.04]": the median with its interval, each divided by `unit`; "-" of nothing.
  std::string text(double unit, int digits) const;

 private:
  std::vector<double> values_;
};

// The ratios of two samples that were taken in turns, pair by pair: what disturbed both falls out.
Sample ratios(const Sample& of, const Sample& to);

}  // namespace penstock
