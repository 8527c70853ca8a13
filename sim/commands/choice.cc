// Filters and names.
#include "sim/commands/choice.h"

#include <algorithm>
#include <cctype>

namespace penstock {
namespace {

constexpr std::string_view kTag = "tag:", kSize = "size:";

bool has(const std::string& filter, const Scenario& scenario) {
  if (filter.starts_with(kTag)) {
    return std::find(scenario.tags.begin(), scenario.tags.end(), filter.substr(kTag.size())) !=
           scenario.tags.end();
  }
  if (filter.starts_with(kSize)) return to_string(scenario.size) == filter.substr(kSize.size());
  if (filter.find('*') != std::string::npos) return matches(filter, scenario.name);
  return scenario.name.find(filter) != std::string::npos;
}

}  // namespace

bool chosen_by(std::span<const std::string> filters, const Scenario& scenario) {
  return std::all_of(filters.begin(), filters.end(),
                     [&](const std::string& filter) { return has(filter, scenario); });
}

bool matches(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t at = star; at <= text.size(); ++at) {
    if (matches(rest, text.substr(at))) return true;
  }
  return false;
}

std::string folder_name(std::string_view name) {
  std::string folder;
  for (const char c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
    if (plain) {
      folder += c;
    } else if (!folder.ends_with('-')) {
      folder += '-';
    }
  }
  while (folder.ends_with('-'))
    folder.pop_back();
  return folder;
}

}  // namespace penstock
