// The smallest set of frames that still fails: delta debugging (Zeller and Hildebrandt, 2002).
//
// Frames may need each other (fragments of one datagram), so halves are not enough: a failing set is also
// searched for what can be left out of it. The result is 1-minimal: without any one of its elements it
// does not fail. Order is kept.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace penstock {

// `fails(subset)` runs a subset of `items`; REQUIRES: fails(items). At most `budget` runs; then the
// smallest failing set so far is the result.
template <typename T, typename Fails>
std::vector<T> minimize(std::vector<T> items, std::size_t budget, Fails&& fails) {
  std::size_t parts = 2;
  while (items.size() > 1) {
    const std::size_t step = (items.size() + parts - 1) / parts;
    bool smaller = false;
    // Each part by itself first, then all but one part.
    for (const bool alone : {true, false}) {
      if (!alone && parts == 2) continue;  // the other half, tried already
      for (std::size_t from = 0; from < items.size() && !smaller; from += step) {
        if (budget-- == 0) return items;
        const auto begin = items.begin() + static_cast<std::ptrdiff_t>(from);
        const auto end = items.begin() + static_cast<std::ptrdiff_t>(std::min(from + step, items.size()));
        std::vector<T> subset;
        if (alone) {
          subset.assign(begin, end);
        } else {
          subset.assign(items.begin(), begin);
          subset.insert(subset.end(), end, items.end());
        }
        if (!fails(subset)) continue;
        items = std::move(subset);
        parts = alone ? 2 : std::max<std::size_t>(parts - 1, 2);
        smaller = true;
      }
      if (smaller) break;
    }
    if (smaller) continue;
    if (step == 1) break;
    parts = std::min(parts * 2, items.size());
  }
  return items;
}

// The same for a few elements of which most are needed: each is tried for being left out, until none can be.
template <typename T, typename Fails>
std::vector<T> leave_out(std::vector<T> items, Fails&& fails) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (std::size_t i = items.size(); i-- > 0 && items.size() > 1;) {
      std::vector<T> rest = items;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      if (!fails(rest)) continue;
      items = std::move(rest);
      smaller = true;
    }
  }
  return items;
}

}  // namespace penstock
