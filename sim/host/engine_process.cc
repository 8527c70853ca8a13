// Starting it, and reading its lines.
#include "sim/host/engine_process.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include <charconv>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {
namespace {

constexpr Nanoseconds kStartTimeout = 20 * kSecond;
constexpr Nanoseconds kStopTimeout = 20 * kSecond;

}  // namespace

EngineCounters EngineCounters::parse_last(std::string_view output) {
  EngineCounters counters;
  const std::size_t end = output.rfind('\n');
  if (end == std::string_view::npos) return counters;
  const std::size_t before = end == 0 ? std::string_view::npos : output.rfind('\n', end - 1);
  std::string_view line = output.substr(0, end);
  if (before != std::string_view::npos) line.remove_prefix(before + 1);
  while (!line.empty()) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) continue;
    std::uint64_t value = 0;
    std::from_chars(word.data() + equals + 1, word.data() + word.size(), value);
    counters.values_[std::string(word.substr(0, equals))] = value;
  }
  return counters;
}

std::uint64_t EngineCounters::get(const std::string& name) const {
  const auto found = values_.find(name);
  PENSTOCK_CHECK(found != values_.end());
  return found->second;
}

std::uint64_t EngineCounters::sum(std::string_view name) const {
  const std::string first = fmt::format("{}{{", name);
  std::uint64_t total = 0;
  auto one = values_.lower_bound(first);
  PENSTOCK_CHECK(one != values_.end() && one->first.starts_with(first));
  for (; one != values_.end() && one->first.starts_with(first); ++one)
    total += one->second;
  return total;
}

Result<EngineProcess> EngineProcess::start(const VethTopology::End& end, const EngineProcessConfig& config) {
  Result<RunningProgram> program = RunningProgram::start(
      {.arguments = {config.program, end.interface, std::string(to_string(config.path)),
                     config.scope == TakeScope::kUdp ? "udp" : "all", fmt::format("{}", config.port)},
       .network_namespace = end.ns.fd()});
  if (!program) return tl::unexpected(program.error());
  EngineProcess engine(std::move(*program));
  const MonotonicClock clock;
  const Nanoseconds deadline = clock.now() + kStartTimeout;
  while (engine.counters().empty()) {
    if (!engine.program_.err().empty()) return fail("start the engine: " + engine.program_.err());
    if (clock.now() > deadline) return fail("start the engine", ETIMEDOUT);
    const timespec pause{0, kMillisecond};
    nanosleep(&pause, nullptr);
  }
  return engine;
}

Result<EngineCounters> EngineProcess::stop() {
  if (Status s = program_.signal(SIGTERM); !s) return tl::unexpected(s.error());
  const Result<ProgramOutput> output = program_.wait(kStopTimeout);
  if (!output) return tl::unexpected(output.error());
  if (output->exit_status != 0)
    return fail(fmt::format("the engine ended with exit status {}: {}", output->exit_status, output->err));
  return EngineCounters::parse_last(output->out);
}

}  // namespace penstock
