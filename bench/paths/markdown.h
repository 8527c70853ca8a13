// A table in Markdown whose columns also line up as plain text: what a terminal shows is what a document
// takes.
//
// Thread safety: one thread.
#pragma once

#include <string>
#include <vector>

namespace penstock {

class MarkdownTable {
 public:
  explicit MarkdownTable(std::vector<std::string> header) : rows_{std::move(header)} {}
  // REQUIRES: as many cells as the header has.
  void add(std::vector<std::string> row);
  // With a newline behind each row. The first column is set left, the others right.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace penstock
