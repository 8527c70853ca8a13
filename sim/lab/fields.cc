// Writing and reading such a line.
#include "sim/lab/fields.h"

#include <charconv>

#include <fmt/format.h>

namespace penstock {

std::string to_text(const Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
  return text;
}

Result<Fields> parse_fields(std::string_view text) {
  Fields fields;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    const std::size_t equals = word.find('=');
    std::uint64_t value = 0;
    const char* const end = word.data() + word.size();
    if (equals == std::string_view::npos || equals == 0 ||
        std::from_chars(word.data() + equals + 1, end, value).ptr != end || equals + 1 == word.size())
      return fail(fmt::format("'{}' is no list of NAME=NUMBER", text));
    fields[std::string(word.substr(0, equals))] = value;
  }
  return fields;
}

Fields only(const Fields& fields, const Fields& names) {
  Fields some;
  for (const auto& [name, value] : fields) {
    if (names.contains(name)) some[name] = value;
  }
  return some;
}

}  // namespace penstock
