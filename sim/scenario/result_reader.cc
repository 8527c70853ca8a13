// From JSON to values, with the place of what is wrong.
#include "sim/scenario/result_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/read_file.h"

namespace penstock {
namespace {

using Json = nlohmann::json;

// One object of the document. Getters give an empty value where something is wrong, and note the first of it.
class Fields {
 public:
  Fields(const Json& json, std::string where, std::string* wrong)
      : json_(&json), where_(std::move(where)), wrong_(wrong) {
    if (!json.is_object()) note(where_, "an object");
  }

  std::string text(const char* key) const { return value<std::string>(key, &Json::is_string, "a string"); }
  std::uint64_t count(const char* key) const {
    return value<std::uint64_t>(key, &Json::is_number_unsigned, "a count");
  }
  std::optional<std::uint64_t> count_or_null(const char* key) const {
    return or_null(key, [&] { return count(key); });
  }
  std::optional<double> number_or_null(const char* key) const {
    return or_null(key, [&] { return value<double>(key, &Json::is_number, "a number or null"); });
  }
  std::optional<std::string> text_or_null(const char* key) const {
    return or_null(key, [&] { return text(key); });
  }
  std::optional<bool> truth_or_null(const char* key) const {
    return or_null(key, [&] { return value<bool>(key, &Json::is_boolean, "true, false or null"); });
  }
  std::map<std::string, std::uint64_t> counts(const char* key) const {
    std::map<std::string, std::uint64_t> counts;
    const Fields map = object(key);
    if (map.json_->is_object()) {
      for (const auto& [name, unused] : map.json_->items())
        counts[name] = map.count(name.c_str());
    }
    return counts;
  }
  std::map<std::string, std::string> texts(const char* key) const {
    std::map<std::string, std::string> texts;
    const Fields map = object(key);
    if (map.json_->is_object()) {
      for (const auto& [name, unused] : map.json_->items())
        texts[name] = map.text(name.c_str());
    }
    return texts;
  }
  Fields object(const char* key) const { return {find(key), at(key), wrong_}; }
  bool is_null(const char* key) const { return find(key).is_null(); }
  bool has(const char* key) const { return json_->is_object() && json_->contains(key); }
  std::vector<Fields> objects(const char* key) const {
    std::vector<Fields> objects;
    const Json& list = find(key);
    if (!list.is_array()) {
      note(at(key), "a list");
      return objects;
    }
    for (std::size_t i = 0; i < list.size(); ++i)
      objects.emplace_back(list[i], fmt::format("{}/{}", at(key), i), wrong_);
    return objects;
  }
  std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs(const char* key) const {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs;
    const Json& list = find(key);
    if (!list.is_array()) note(at(key), "a list");
    for (const Json& pair : list) {
      const bool good =
          pair.is_array() && pair.size() == 2 && pair[0].is_number_unsigned() && pair[1].is_number_unsigned();
      if (!good) {
        note(fmt::format("{}/{}", at(key), pairs.size()), "two counts");
        return {};
      }
      pairs.emplace_back(pair[0].get<std::uint64_t>(), pair[1].get<std::uint64_t>());
    }
    return pairs;
  }
  void note(const std::string& where, std::string_view wanted) const {
    if (wrong_->empty()) *wrong_ = fmt::format("{} must be {}", where.empty() ? "the file" : where, wanted);
  }
  std::string at(const char* key) const { return where_ + "/" + key; }

 private:
  const Json& find(const char* key) const {
    static const Json kNothing;
    if (has(key)) return (*json_)[key];
    note(at(key), "there");
    return kNothing;
  }
  template <typename T>
  T value(const char* key, bool (Json::*is)() const noexcept, const char* wanted) const {
    const Json& found = find(key);
    if ((found.*is)()) return found.get<T>();
    note(at(key), wanted);
    return {};
  }
  template <typename Read>
  auto or_null(const char* key, const Read& read) const -> std::optional<decltype(read())> {
    if (find(key).is_null()) return std::nullopt;
    return read();
  }

  const Json* json_;
  std::string where_;
  std::string* wrong_;
};

ShredCounts read_shreds(const Fields& fields) {
  const Fields sets = fields.object("sets");
  return {.variants = fields.counts("variants"),
          .sets_complete = sets.count("complete"),
          .sets_recovered = sets.count_or_null("recovered"),
          .sets_incomplete = sets.count("incomplete"),
          .accepted = fields.count("accepted"),
          .duplicate = fields.count("duplicate"),
          .late = fields.count("late"),
          .held = fields.count("held"),
          .discarded = fields.counts("discarded"),
          .conflicts = fields.count("conflicts"),
          .signature_checks = fields.count("signature_checks")};
}

std::optional<LatencyDistribution> read_distribution(const Fields& path, const char* key) {
  if (path.is_null(key)) return std::nullopt;
  const Fields fields = path.object(key);
  LatencyDistribution times{
      .p50 = fields.count("p50"), .p99 = fields.count("p99"), .p999 = fields.count("p999")};
  if (!fields.has("histogram")) return times;
  times.p90 = fields.count("p90");
  times.max = fields.count("max");
  times.count = fields.count("count");
  for (const auto& [at_most, count] : fields.pairs("histogram"))
    times.histogram.push_back({at_most, count});
  return times;
}

PathResult read_path(const Fields& fields) {
  PathResult path;
  path.path = fields.text("path");
  path.mode = fields.text("mode");
  path.queues = static_cast<std::uint32_t>(fields.count("queues"));
  path.offered = fields.count("offered");
  path.delivered = fields.count("delivered");
  path.slow_way = fields.count("slow_way");
  path.passed = fields.counts("passed");
  path.lost = fields.counts("lost");
  path.payload_digest = fields.text_or_null("payload_digest").value_or("");
  path.host_digest = fields.text_or_null("host_digest");
  if (!fields.is_null("shreds")) path.shreds = read_shreds(fields.object("shreds"));
  if (fields.has("seconds")) path.seconds = fields.number_or_null("seconds");
  path.ns_per_packet = fields.number_or_null("ns_per_packet");
  if (fields.has("ns_per_packet_deviation"))
    path.ns_per_packet_deviation = fields.number_or_null("ns_per_packet_deviation");
  if (fields.has("setup_ns") && !fields.is_null("setup_ns")) {
    const Fields setup = fields.object("setup_ns");
    path.setup = SetupTimes{setup.count("topology"), setup.count("receiver")};
  }
  if (fields.has("cpu_wait_ns") && !fields.is_null("cpu_wait_ns")) {
    const Fields wait = fields.object("cpu_wait_ns");
    path.cpu_wait = CpuWaitTimes{wait.count("longest"), wait.count("total")};
  }
  path.latency = read_distribution(fields, "latency_ns");
  if (fields.has("stalls_ns")) path.stalls = read_distribution(fields, "stalls_ns");
  if (fields.has("not_measured")) path.not_measured = fields.texts("not_measured");
  return path;
}

LabRecord read_lab_record(const Fields& fields) {
  LabRecord lab{.name = fields.text("name")};
  for (const Fields& port : fields.objects("ports")) {
    lab.ports.push_back({.role = port.text("role"),
                         .interface = port.text("interface"),
                         .driver = port.text("driver"),
                         .bus = port.text("bus"),
                         .firmware = port.text("firmware"),
                         .found = port.texts("found"),
                         .set = port.texts("set")});
  }
  return lab;
}

RunVerdict read_verdict(const Fields& fields) {
  constexpr std::array kAll = {RunVerdict::kPass, RunVerdict::kSkip, RunVerdict::kFail, RunVerdict::kInvalid};
  const std::string word = fields.text("verdict");
  const auto found = std::find_if(kAll.begin(), kAll.end(), [&](auto v) { return to_string(v) == word; });
  if (found != kAll.end()) return *found;
  fields.note(fields.at("verdict"), "pass, fail, invalid or skip");
  return RunVerdict::kFail;
}

RunResult read_run(const Fields& fields) {
  RunResult run;
  run.scenario = fields.text("scenario");
  if (fields.has("description")) run.description = fields.text("description");
  run.topology = fields.text("topology");
  run.seed = fields.count("seed");
  run.commit = fields.text("commit");
  run.started = fields.text("started");
  run.repeat = fields.text("repeat");
  const Fields environment = fields.object("environment");
  run.environment = {.kernel = environment.text("kernel"),
                     .machine = environment.text("machine"),
                     .cpu = environment.text("cpu"),
                     .cpus = static_cast<std::uint32_t>(environment.count("cpus"))};
  if (environment.has("lab") && !environment.is_null("lab"))
    run.environment.lab = read_lab_record(environment.object("lab"));
  run.verdict = read_verdict(fields);
  run.reason = fields.text("reason");
  for (const Fields& check : fields.objects("checks"))
    run.checks.push_back({check.text("name"), check.truth_or_null("pass"), check.text("detail")});
  for (const Fields& path : fields.objects("paths"))
    run.paths.push_back(read_path(path));
  return run;
}

}  // namespace

Result<RunResult> parse_result(std::string_view json, std::string_view name) {
  Json document;
  try {
    document = Json::parse(json);
  } catch (const Json::parse_error& error) {
    return fail(fmt::format("{}: not JSON, from byte {} on", name, error.byte));
  }
  std::string wrong;
  RunResult run = read_run(Fields(document, "", &wrong));
  if (!wrong.empty()) return fail(fmt::format("{}: {}", name, wrong));
  return run;
}

Result<RunResult> read_result(const std::filesystem::path& file) {
  const Result<std::string> text = read_file(file);
  if (!text) return tl::unexpected(text.error());
  return parse_result(*text, file.string());
}

}  // namespace penstock
