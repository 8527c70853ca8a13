// Files, signals, and Prometheus text.
#include "sim/host/engine_process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include <charconv>
#include <fstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "engine/base/read_file.h"
#include "engine/base/wait.h"

namespace penstock {
namespace {

constexpr Nanoseconds kStartTimeout = 20 * kSecond;
constexpr Nanoseconds kAnswerTimeout = 20 * kSecond;
constexpr Nanoseconds kStopTimeout = 20 * kSecond;
constexpr const char* kConfigFile = "run.toml";
constexpr const char* kCountersFile = "counters.prom";

std::string config_text(const VethTopology::End& end, const EngineProcessConfig& config) {
  return fmt::format(
      "interface = \"{}\"\npath = \"{}\"\nrequired = true\nports = [{}]\n[receiver]\nscope = \"{}\"\n"
      "[threads]\non_stall = \"{}\"\n",
      end.interface, to_string(config.path), config.port, config.scope == TakeScope::kUdp ? "udp" : "all",
      to_string(config.on_stall));
}

EngineCounters read_counters(const std::filesystem::path& file) {
  return EngineCounters::parse(read_file(file).value_or(""));
}

// penstock_NAME_total{label="VALUE"} as NAME{VALUE}.
std::string short_name(std::string_view full) {
  constexpr std::string_view kPrefix = "penstock_";
  constexpr std::string_view kSuffix = "_total";
  if (full.starts_with(kPrefix)) full.remove_prefix(kPrefix.size());
  const std::size_t brace = full.find('{');
  std::string_view name = full.substr(0, brace);
  if (name.ends_with(kSuffix)) name.remove_suffix(kSuffix.size());
  if (brace == std::string_view::npos) return std::string(name);
  const std::size_t first = full.find('"', brace);
  const std::size_t last = full.rfind('"');
  return fmt::format("{}{{{}}}", name, full.substr(first + 1, last - first - 1));
}

}  // namespace

EngineCounters EngineCounters::parse(std::string_view text) {
  EngineCounters counters;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t blank = line.rfind(' ');
    if (line.starts_with('#') || blank == std::string_view::npos) continue;
    std::uint64_t value = 0;
    std::from_chars(line.data() + blank + 1, line.data() + line.size(), value);
    counters.values_[short_name(line.substr(0, blank))] = value;
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

EngineProcess::Folder::~Folder() {
  std::error_code ignored;  // what is left behind in a folder for temporary files is no harm
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<EngineProcess::Folder> EngineProcess::make_folder() {
  std::string path = std::filesystem::temp_directory_path() / "penstock.XXXXXX";
  if (mkdtemp(path.data()) == nullptr) return fail("make folder " + path, errno);
  return Folder(path);
}

Result<EngineProcess> EngineProcess::start(const VethTopology::End& end, const EngineProcessConfig& config) {
  const std::string what = "start the engine";
  Result<Folder> folder = make_folder();
  if (!folder) return fail(what, folder.error());
  const std::filesystem::path file = folder->file(kConfigFile);
  std::ofstream(file) << config_text(end, config);
  Result<RunningProgram> program = RunningProgram::start(
      {.arguments = {config.program, "run", "--config", file, "--counters", folder->file(kCountersFile)},
       .network_namespace = end.ns.fd()});
  if (!program) return fail(what, program.error());
  EngineProcess engine(std::move(*folder), std::move(*program));
  const auto attached_or_ended = [&] {
    return engine.program_.out().find("receiving on") != std::string::npos || !engine.program_.is_running();
  };
  if (!wait_until(attached_or_ended, kStartTimeout))
    return fail(what + ": " + engine.program_.err(), ETIMEDOUT);
  if (!engine.program_.is_running()) return fail(what + ": it ended: " + engine.program_.err());
  return engine;
}

Result<EngineCounters> EngineProcess::counters() const {
  const std::filesystem::path file = folder_.file(kCountersFile);
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  if (Status s = program_.signal(SIGUSR1); !s) return tl::unexpected(s.error());
  // Renamed into place: when it is there it is whole.
  if (!wait_until([&] { return std::filesystem::exists(file); }, kAnswerTimeout))
    return fail("ask the engine for its counters", ETIMEDOUT);
  return read_counters(file);
}

Result<EngineCounters> EngineProcess::last_counters() const {
  const std::filesystem::path file = folder_.file(kCountersFile);
  if (!std::filesystem::exists(file)) return fail("read the engine's counters: it wrote none", ENOENT);
  return read_counters(file);
}

Result<EngineCounters> EngineProcess::stop() {
  if (Status s = program_.signal(SIGTERM); !s) return tl::unexpected(s.error());
  const Result<ProgramOutput> output = program_.wait(kStopTimeout);
  if (!output) return tl::unexpected(output.error());
  if (output->exit_status != 0)
    return fail(fmt::format("the engine ended with exit status {}: {}", output->exit_status, output->err));
  return read_counters(folder_.file(kCountersFile));
}

}  // namespace penstock
