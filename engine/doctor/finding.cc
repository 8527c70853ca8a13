// Two ways to write the same lines.
#include "engine/doctor/finding.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace penstock {

std::string_view to_string(Level level) {
  switch (level) {
    case Level::kOk:
      return "OK";
    case Level::kWarn:
      return "WARN";
    case Level::kFail:
      return "FAIL";
  }
  return "";
}

std::string findings_text(std::span<const Finding> findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{:<5} {:<14} {}\n", to_string(finding.level), finding.what, finding.found);
    if (!finding.fix.empty()) text += fmt::format("{:<20} fix: {}\n", "", finding.fix);
  }
  return text;
}

std::string findings_json(std::span<const Finding> findings, std::string_view prediction) {
  nlohmann::ordered_json json;
  if (!prediction.empty()) json["prediction"] = prediction;
  json["worst"] = to_string(worst_of(findings));
  json["findings"] = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    json["findings"].push_back({{"level", to_string(finding.level)},
                                {"what", finding.what},
                                {"found", finding.found},
                                {"fix", finding.fix}});
  }
  return json.dump(2) + "\n";
}

Level worst_of(std::span<const Finding> findings) {
  Level worst = Level::kOk;
  for (const Finding& finding : findings)
    worst = std::max(worst, finding.level);
  return worst;
}

}  // namespace penstock
