// One line of Prometheus text: name{label="value",...} number.
//
// Thread safety: a pure function.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock {

struct PrometheusLine {
  std::string_view name;  // points into the line
  std::vector<std::pair<std::string, std::string>> labels{};
  std::uint64_t number = 0;       // in front of the decimal point
  std::uint64_t thousandths = 0;  // behind it

  // The label's value; empty when it is not there.
  std::string_view label(std::string_view wanted) const;
};

// Nothing when it is not of that form. REQUIRES: neither empty nor a comment.
std::optional<PrometheusLine> parse_prometheus_line(std::string_view line);

}  // namespace penstock
