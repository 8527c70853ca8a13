// result.json.
#include "sim/scenario/result.h"

#include <sys/utsname.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/scenario/result_reader.h"
#include "sim/scenario/text_file.h"

namespace penstock {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json lab_value(const std::optional<LabRecord>& lab) {
  if (!lab) return nullptr;
  Json ports = Json::array();
  for (const LabPortRecord& port : lab->ports) {
    ports.push_back({{"role", port.role},
                     {"interface", port.interface},
                     {"driver", port.driver},
                     {"bus", port.bus},
                     {"firmware", port.firmware},
                     {"found", port.found},
                     {"set", port.set}});
  }
  return {{"name", lab->name}, {"ports", ports}};
}

Json to_json_value(const ShredCounts& shreds) {
  return {{"variants", shreds.variants},
          {"sets",
           {{"complete", shreds.sets_complete},
            {"recovered", or_null(shreds.sets_recovered)},
            {"incomplete", shreds.sets_incomplete}}},
          {"accepted", shreds.accepted},
          {"duplicate", shreds.duplicate},
          {"late", shreds.late},
          {"held", shreds.held},
          {"discarded", shreds.discarded},
          {"conflicts", shreds.conflicts},
          {"signature_checks", shreds.signature_checks}};
}

Json setup_value(const std::optional<SetupTimes>& times) {
  if (!times) return nullptr;
  return {{"topology", times->topology}, {"receiver", times->receiver}};
}

Json cpu_wait_value(const std::optional<CpuWaitTimes>& times) {
  if (!times) return nullptr;
  return {{"longest", times->longest}, {"total", times->total}};
}

Json distribution_value(const std::optional<LatencyDistribution>& times) {
  if (!times) return nullptr;
  Json histogram = Json::array();
  for (const auto& [at_most, count] : times->histogram)
    histogram.push_back({at_most, count});
  return {{"p50", times->p50}, {"p90", times->p90},     {"p99", times->p99},     {"p999", times->p999},
          {"max", times->max}, {"count", times->count}, {"histogram", histogram}};
}

Json to_json_value(const PathResult& path) {
  Json json = {{"path", path.path},
               {"mode", path.mode},
               {"queues", path.queues},
               {"offered", path.offered},
               {"delivered", path.delivered},
               {"slow_way", path.slow_way},
               {"passed", path.passed},
               {"lost", path.lost},
               {"payload_digest", path.payload_digest.empty() ? Json(nullptr) : Json(path.payload_digest)},
               {"host_digest", or_null(path.host_digest)},
               {"shreds", path.shreds ? to_json_value(*path.shreds) : Json(nullptr)},
               {"seconds", or_null(path.seconds)},
               {"ns_per_packet", or_null(path.ns_per_packet)},
               {"ns_per_packet_deviation", or_null(path.ns_per_packet_deviation)},
               {"setup_ns", setup_value(path.setup)},
               {"cpu_wait_ns", cpu_wait_value(path.cpu_wait)},
               {"latency_ns", distribution_value(path.latency)},
               {"stalls_ns", distribution_value(path.stalls)},
               {"not_measured", path.not_measured}};
  return json;
}

// What no engine is to blame for (docs/result.md): the ring between the two ends is the testbed's, and
// whoever takes a port off the list wants its datagrams no more. Every other loss is the engine's.
constexpr std::array<std::string_view, 4> kOthersCauses = {"ring_drop", "bridge_drop", "queue_drop",
                                                           "port_removed"};

// "model name" of the first CPU in /proc/cpuinfo.
std::string cpu_model() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.starts_with("model name")) return line.substr(std::min(line.find(": ") + 2, line.size()));
  }
  return "unknown";
}

}  // namespace

std::string_view to_string(RunVerdict verdict) {
  switch (verdict) {
    case RunVerdict::kPass:
      return "pass";
    case RunVerdict::kSkip:
      return "skip";
    case RunVerdict::kFail:
      return "fail";
    case RunVerdict::kInvalid:
      return "invalid";
  }
  return "";
}

int exit_status(RunVerdict verdict) {
  switch (verdict) {
    case RunVerdict::kPass:
      return 0;
    case RunVerdict::kSkip:
      return 77;
    case RunVerdict::kFail:
      return 1;
    case RunVerdict::kInvalid:
      return 3;
  }
  return 1;
}

std::uint64_t engine_loss(const PathResult& path) {
  std::uint64_t total = 0;
  for (const auto& [cause, count] : path.lost) {
    if (std::find(kOthersCauses.begin(), kOthersCauses.end(), cause) == kOthersCauses.end()) total += count;
  }
  return total;
}

std::uint64_t lost_by_full_ring(const PathResult& path) {
  std::uint64_t total = 0;
  for (const char* cause : {"rx_ring_full", "rx_dropped"}) {
    if (const auto found = path.lost.find(cause); found != path.lost.end()) total += found->second;
  }
  return total;
}

Environment this_environment() {
  utsname name{};
  uname(&name);
  return {.kernel = fmt::format("{} {}", name.sysname, name.release),
          .machine = name.machine,
          .cpu = cpu_model(),
          .cpus = std::thread::hardware_concurrency()};
}

std::string now_iso8601() {
  const time_t now = time(nullptr);
  tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

void judge(RunResult& result) {
  if (result.verdict == RunVerdict::kInvalid) return;
  for (const Check& check : result.checks) {
    if (check.pass.value_or(true)) continue;
    result.verdict = RunVerdict::kFail;
    result.reason = check.name + ": " + check.detail;
    return;
  }
}

std::string to_json(const RunResult& result) {
  Json json = {{"scenario", result.scenario},
               {"description", result.description},
               {"topology", result.topology},
               {"seed", result.seed},
               {"commit", result.commit},
               {"started", result.started},
               {"repeat", result.repeat},
               {"environment",
                {{"kernel", result.environment.kernel},
                 {"machine", result.environment.machine},
                 {"cpu", result.environment.cpu},
                 {"cpus", result.environment.cpus},
                 {"lab", lab_value(result.environment.lab)}}},
               {"verdict", to_string(result.verdict)},
               {"reason", result.reason},
               {"checks", Json::array()},
               {"paths", Json::array()}};
  for (const Check& check : result.checks)
    json["checks"].push_back({{"name", check.name}, {"pass", or_null(check.pass)}, {"detail", check.detail}});
  for (const PathResult& path : result.paths)
    json["paths"].push_back(to_json_value(path));
  return json.dump(2) + "\n";
}

Status write_result(const RunResult& result, const std::filesystem::path& directory) {
  if (Status s = make_folder(directory); !s) return s;
  const std::filesystem::path file = directory / "result.json";
  const std::string text = to_json(result);
  if (Status s = write_text(file, text); !s) return s;
  const Result<RunResult> back = read_result(file);
  if (!back) return fail("read back", back.error());
  if (to_json(*back) != text)
    return fail("read back " + file.string() + ": it differs from what was written");
  return {};
}

}  // namespace penstock
