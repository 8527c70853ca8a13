// Widths first.
#include "bench/paths/markdown.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {

void MarkdownTable::add(std::vector<std::string> row) {
  PENSTOCK_CHECK(row.size() == rows_.front().size());
  rows_.push_back(std::move(row));
}

std::string MarkdownTable::text() const {
  std::vector<std::size_t> widths(rows_.front().size(), 3);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    text += "|";
    for (std::size_t i = 0; i < widths.size(); ++i)
      text += i == 0 ? fmt::format(" {:<{}} |", rows_[row][i], widths[i])
                     : fmt::format(" {:>{}} |", rows_[row][i], widths[i]);
    text += "\n";
    if (row != 0) continue;
    text += "|";
    for (std::size_t i = 0; i < widths.size(); ++i)
      text += fmt::format(" {:-<{}}{} |", "", widths[i] - (i == 0 ? 0 : 1), i == 0 ? "" : ":");
    text += "\n";
  }
  return text;
}

}  // namespace penstock
