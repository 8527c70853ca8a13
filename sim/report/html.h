// The few pieces of HTML that the report's parts share. What stands in `text` parameters is escaped here;
// what stands in `html` parameters is markup already.
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/result.h"

namespace penstock {

// A table with a header row, a header cell at the start of each row, and a caption for screen readers. Wide
// ones scroll by themselves instead of widening the page.
class HtmlTable {
 public:
  enum class Align : std::uint8_t { kText, kNumbers };  // of the cells: to the left, to the right

  HtmlTable(std::string_view caption, const std::vector<std::string>& header, Align align = Align::kText);

  // The first cell is the row's header. `part`: of the row above, and indented.
  void row(const std::vector<std::string>& html, bool part = false);
  std::string html() const;

 private:
  std::string text_;
};

// "PASS" in the colour of its kind, and readable without it.
std::string verdict_badge(RunVerdict verdict);
// "pass", "FAIL" or "not checked", the same way.
std::string check_badge(const Check& check);

// A drawing with its caption above.
std::string figure(const std::string& caption_html, const std::string& svg);

// What opens when it is clicked, without any script.
std::string folded(std::string_view summary_text, const std::string& html);

// An anchor made of the words: letters, digits, '-' and '_'.
std::string anchor_of(std::string_view text);

}  // namespace penstock
