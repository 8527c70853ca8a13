// `ip -batch -`.
#include "sim/topology/iproute.h"

#include <cstdio>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/topology/subprocess.h"

namespace penstock {
namespace {

// ip ends with "Command failed -:N", N counted from 1. On an argument that it cannot read it exits without
// saying where: then all lines.
std::string failed_line(const std::string& err, const std::vector<std::string>& lines) {
  constexpr std::string_view kMark = "Command failed -:";
  const std::size_t mark = err.rfind(kMark);
  std::size_t number = 0;
  if (mark == std::string::npos || std::sscanf(err.c_str() + mark + kMark.size(), "%zu", &number) != 1 ||
      number == 0 || number > lines.size()) {
    return fmt::format("-batch: one of \"{}\"", fmt::join(lines, "\", \""));
  }
  return lines[number - 1];
}

}  // namespace

Status ip_batch(const NetNamespace& ns, const std::vector<std::string>& lines) {
  const Result<ProgramOutput> output = run_program({.arguments = {"ip", "-batch", "-"},
                                                    .input = fmt::format("{}\n", fmt::join(lines, "\n")),
                                                    .network_namespace = ns.fd()});
  if (!output) return tl::unexpected(output.error());
  if (output->exit_status == 0) return {};
  const std::string message = output->err.substr(0, output->err.rfind("\nCommand failed"));
  return fail(fmt::format("ip {}: exit status {}: {}", failed_line(output->err, lines), output->exit_status,
                          message));
}

}  // namespace penstock
