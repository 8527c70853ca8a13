// Octaves of 1,024 ns times a power of two.
#include "bench/paths/distribution.h"

#include <algorithm>
#include <array>
#include <bit>

#include <fmt/format.h>

#include "bench/paths/markdown.h"

namespace penstock {
namespace {

// The first is what is below a microsecond (1,024 ns); of the others the n-th begins at 2^(n-1).
constexpr std::size_t kOctaves = 36;
using Octaves = std::array<std::uint64_t, kOctaves>;

Octaves octaves_of(const LatencyHistogram& histogram) {
  Octaves octaves{};
  histogram.for_each([&](Nanoseconds at_most, std::uint64_t count) {
    const auto width = static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(at_most) >> 10));
    octaves[std::min(width, kOctaves - 1)] += count;
  });
  return octaves;
}

std::string heading(std::size_t octave) {
  if (octave == 0) return "< 1";
  const std::uint64_t us = std::uint64_t{1} << (octave - 1);
  return us < 1024 ? fmt::format("{}", us) : fmt::format("{}k", us / 1024);
}

// Few is not nothing.
std::string percent(std::uint64_t part, std::uint64_t of) {
  if (part == 0) return "-";
  const double share = 100 * static_cast<double>(part) / static_cast<double>(of);
  return share < 0.01 ? "< 0.01" : fmt::format("{:.2f}", share);
}

}  // namespace

std::string DistributionTable::text() const {
  std::vector<Octaves> all;
  std::size_t first = kOctaves, last = 0;
  for (const auto& [name, histogram] : rows_) {
    all.push_back(octaves_of(*histogram));
    for (std::size_t i = 0; i < kOctaves; ++i) {
      if (all.back()[i] == 0) continue;
      first = std::min(first, i);
      last = std::max(last, i);
    }
  }
  if (first > last) return {};
  std::vector<std::string> header{"% from so many us on"};
  for (std::size_t i = first; i <= last; ++i)
    header.push_back(heading(i));
  MarkdownTable table(header);
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    std::vector<std::string> cells{rows_[row].first};
    for (std::size_t i = first; i <= last; ++i)
      cells.push_back(percent(all[row][i], rows_[row].second->count()));
    table.add(std::move(cells));
  }
  return table.text();
}

}  // namespace penstock
