// From left to right.
#include "engine/monitor/prometheus_line.h"

#include <charconv>

namespace penstock {
namespace {

// What is left of the line, eaten from the front.
class Rest {
 public:
  explicit Rest(std::string_view line) : text_(line) {}

  bool eat(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string_view word() {
    std::size_t length = 0;
    while (length < text_.size() && is_of_word(text_[length]))
      ++length;
    const std::string_view word = text_.substr(0, length);
    text_.remove_prefix(length);
    return word;
  }
  // Between quotes, with \\, \" and \n.
  std::optional<std::string> quoted() {
    if (!eat('"')) return std::nullopt;
    std::string value;
    while (!text_.empty() && text_.front() != '"') {
      const bool escaped = eat('\\');
      if (text_.empty()) return std::nullopt;
      value += escaped && text_.front() == 'n' ? '\n' : text_.front();
      text_.remove_prefix(1);
    }
    return eat('"') ? std::optional(value) : std::nullopt;
  }
  bool number(std::uint64_t& value) {
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error != std::errc{}) return false;
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return true;
  }
  bool empty() const { return text_.empty(); }

 private:
  static bool is_of_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
  }

  std::string_view text_;
};

bool read_labels(Rest& rest, PrometheusLine& into) {
  if (!rest.eat('{')) return true;
  while (!rest.eat('}')) {
    const std::string_view key = rest.word();
    if (key.empty() || !rest.eat('=')) return false;
    std::optional<std::string> value = rest.quoted();
    if (!value) return false;
    into.labels.emplace_back(std::string(key), std::move(*value));
    rest.eat(',');
  }
  return true;
}

}  // namespace

std::string_view PrometheusLine::label(std::string_view wanted) const {
  for (const auto& [key, value] : labels) {
    if (key == wanted) return value;
  }
  return {};
}

std::optional<PrometheusLine> parse_prometheus_line(std::string_view line) {
  PrometheusLine read;
  Rest rest(line);
  read.name = rest.word();
  if (read.name.empty() || !read_labels(rest, read)) return std::nullopt;
  if (!rest.eat(' ') || !rest.number(read.number)) return std::nullopt;
  if (!rest.eat('.')) return rest.empty() ? std::optional(read) : std::nullopt;
  const std::string_view decimals = rest.word();
  if (decimals.size() != 3 || !rest.empty()) return std::nullopt;
  Rest digits(decimals);
  if (!digits.number(read.thousandths) || !digits.empty()) return std::nullopt;
  return read;
}

}  // namespace penstock
