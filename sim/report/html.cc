// Pieces of HTML.
#include "sim/report/html.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "sim/scenario/text.h"

namespace penstock {
namespace {

std::string badge(std::string_view kind, std::string_view text) {
  return fmt::format("<span class=\"badge {}\">{}</span>", kind, text);
}

}  // namespace

HtmlTable::HtmlTable(std::string_view caption, const std::vector<std::string>& header, Align align) {
  text_ = fmt::format("<div class=\"scroll\"><table{}><caption>{}</caption>\n<thead><tr>",
                      align == Align::kNumbers ? " class=\"numbers\"" : "", escaped_markup(caption));
  for (const std::string& cell : header)
    text_ += fmt::format("<th scope=\"col\">{}</th>", escaped_markup(cell));
  text_ += "</tr></thead>\n<tbody>\n";
}

void HtmlTable::row(const std::vector<std::string>& html, bool part) {
  text_ += part ? "<tr class=\"part\">" : "<tr>";
  for (std::size_t i = 0; i < html.size(); ++i) {
    text_ += i == 0 ? "<th scope=\"row\">" : "<td>";
    text_ += html[i] + (i == 0 ? "</th>" : "</td>");
  }
  text_ += "</tr>\n";
}

std::string HtmlTable::html() const {
  return text_ + "</tbody></table></div>\n";
}

std::string verdict_badge(RunVerdict verdict) {
  std::string word(to_string(verdict));
  const std::string kind = word;
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::toupper(c); });
  return badge(kind, word);
}

std::string check_badge(const Check& check) {
  if (!check.pass) return badge("skip", "not checked");
  return *check.pass ? badge("pass", "pass") : badge("fail", "FAIL");
}

std::string figure(const std::string& caption_html, const std::string& svg) {
  return fmt::format("<figure><figcaption>{}</figcaption>\n{}</figure>\n", caption_html, svg);
}

std::string folded(std::string_view summary_text, const std::string& html) {
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", escaped_markup(summary_text), html);
}

std::string anchor_of(std::string_view text) {
  std::string anchor(text);
  for (char& c : anchor) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') c = '-';
  }
  return anchor;
}

}  // namespace penstock
