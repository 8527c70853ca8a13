// Histograms side by side, for people: what share of each lies in which octave of microseconds. The octaves
// are whole buckets of LatencyHistogram, so nothing is interpolated.
//
// Thread safety: one thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/base/latency_histogram.h"

namespace penstock {

class DistributionTable {
 public:
  // `histogram` is borrowed until text().
  void add(std::string name, const LatencyHistogram& histogram) {
    rows_.emplace_back(std::move(name), &histogram);
  }
  // A row each, a column for each octave from the first to the last in which anything lies, in percent of the
  // row; "-" of nothing. In Markdown; empty where there is no row with anything.
  std::string text() const;

 private:
  std::vector<std::pair<std::string, const LatencyHistogram*>> rows_;
};

}  // namespace penstock
