// Reading, comparing with what runs, and handing on what it takes.
#include "engine/commands/config_file.h"

#include <errno.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "engine/base/read_file.h"

namespace penstock {
namespace {

// Keys that are taken together. `adopt` copies their values; `take` hands `wanted`, where they are adopted,
// to the engine.
struct LiveKeys {
  std::vector<std::string_view> keys;
  void (*adopt)(RunConfig& config, const RunConfig& from);
  Status (*take)(LiveEngine& engine, const RunConfig& wanted);

  bool has(const ConfigChange& change) const {
    return std::find(keys.begin(), keys.end(), change.key) != keys.end();
  }
};

Status nothing_to_do(LiveEngine& /*engine*/, const RunConfig& /*wanted*/) {
  return {};
}

std::span<const LiveKeys> live_keys() {
  static const LiveKeys kKeys[] = {
      {{"ports", "shreds.repair_ports"},
       [](RunConfig& config, const RunConfig& from) {
         config.ports = from.ports;
         config.shreds.repair_ports = from.shreds.repair_ports;
       },
       [](LiveEngine& engine, const RunConfig& wanted) {
         return engine.take_ports(wanted.ports, wanted.shreds.repair_ports);
       }},
      {{"shreds.leader", "shreds.leader_file"},
       [](RunConfig& config, const RunConfig& from) {
         config.shreds.leader = from.shreds.leader;
         config.shreds.leader_file = from.shreds.leader_file;
       },
       [](LiveEngine& engine, const RunConfig& wanted) {
         const Result<bool> taken = engine.take_leaders(wanted.shreds);
         return taken ? Status{} : tl::unexpected(taken.error());
       }},
      {{"outlet.forward"},
       [](RunConfig& config, const RunConfig& from) { config.outlet.forward = from.outlet.forward; },
       [](LiveEngine& engine, const RunConfig& wanted) {
         return engine.take_forward(wanted.outlet.forward);
       }},
      {{"capture.file_mib", "capture.files"},
       [](RunConfig& config, const RunConfig& from) {
         config.capture.file_mib = from.capture.file_mib;
         config.capture.files = from.capture.files;
       },
       [](LiveEngine& engine, const RunConfig& wanted) {
         return engine.take_capture_limits(wanted.capture);
       }},
      {{"on_gone", "threads.on_stall"},
       [](RunConfig& config, const RunConfig& from) {
         config.on_gone = from.on_gone;
         config.on_stall = from.on_stall;
       },
       nothing_to_do}};
  return kKeys;
}

// The engine with what `wanted` has of these keys; nothing where it would receive what it forwards, as long
// as the rest is as it is.
std::optional<RunConfig> mixed(const RunConfig& running, const LiveKeys& keys, const RunConfig& wanted) {
  RunConfig mix = running;
  keys.adopt(mix, wanted);
  return forwards_to_itself(mix) ? std::nullopt : std::optional(std::move(mix));
}

std::string waits(const ConfigChange& change) {
  return fmt::format("{} = {} takes effect at the next start; until then {}", change.key, change.after,
                     change.before);
}

// One reload: what is still to be done, and what was said.
class Reloading {
 public:
  Reloading(RunConfig& running, ConfigValues& values, LiveEngine* engine, const RunConfig& wanted,
            const ConfigValues& wanted_values)
      : running_(running),
        values_(values),
        engine_(engine),
        wanted_(wanted),
        left_(config_changes(values, wanted_values)) {}

  Reload done() && {
    const bool leaders_stay = std::none_of(left_.begin(), left_.end(), is_of_leaders);
    // Twice: what does not fit what runs may fit when the others are taken.
    for (int pass = 0; pass < 2; ++pass) {
      for (const LiveKeys& keys : live_keys())
        take(keys);
    }
    std::sort(left_.begin(), left_.end(),
              [](const ConfigChange& a, const ConfigChange& b) { return a.key < b.key; });
    for (const ConfigChange& change : left_)
      say(waits(change));
    if (leaders_stay && engine_ != nullptr && !wanted_.shreds.leader_file.empty()) look_at_leaders();
    if (reload_.lines.empty()) say("its file says nothing new");
    return std::move(reload_);
  }

 private:
  static bool is_of_leaders(const ConfigChange& change) { return change.key.starts_with("shreds.leader"); }
  void say(std::string line) { reload_.lines.push_back(std::move(line)); }

  void take(const LiveKeys& keys) {
    const auto first_of_keys = std::stable_partition(left_.begin(), left_.end(),
                                                     [&](const ConfigChange& c) { return !keys.has(c); });
    const std::vector<ConfigChange> changes(first_of_keys, left_.end());
    if (changes.empty()) return;
    std::optional<RunConfig> mix = mixed(running_, keys, wanted_);
    if (!mix) return;
    const Status taken = engine_ != nullptr ? keys.take(*engine_, *mix) : Status{};
    if (!taken && taken.error().code == ENOTSUP) return;  // stays left
    left_.erase(first_of_keys, left_.end());
    for (const ConfigChange& change : changes) {
      if (!taken) {
        say(fmt::format("{} stays {}: {}", change.key, change.before, taken.error().message()));
        continue;
      }
      say(fmt::format("{} = {} from now on", change.key, change.after));
      values_[change.key] = change.after;
    }
    reload_.failed = reload_.failed || !taken;
    if (taken) running_ = std::move(*mix);
  }

  void look_at_leaders() {
    const Result<bool> taken = engine_->take_leaders(running_.shreds);
    if (taken && *taken) say("shreds.leader_file has other leaders: taken from now on");
    if (taken || taken.error().code == ENOTSUP) return;
    say("the leaders stay as they were: " + taken.error().message());
    reload_.failed = true;
  }

  RunConfig& running_;
  ConfigValues& values_;
  LiveEngine* const engine_;
  const RunConfig& wanted_;
  std::vector<ConfigChange> left_;
  Reload reload_;
};

}  // namespace

Result<std::unique_ptr<ConfigFile>> ConfigFile::read(const std::filesystem::path& path) {
  auto file = std::make_unique<ConfigFile>();
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  Result<RunConfig> config = parse_run_config(*text, path.string());
  if (!config) return tl::unexpected(config.error());
  file->path_ = path;
  file->values_ = run_config_values(*text);
  file->config_ = std::move(*config);
  return file;
}

Reload ConfigFile::reload(LiveEngine* engine) {
  const Result<std::string> text = read_file(path_);
  const Result<RunConfig> wanted =
      text ? parse_run_config(*text, path_.string()) : Result<RunConfig>(tl::unexpected(text.error()));
  if (!wanted) return {{"goes on as it is, since its file is of no use: " + wanted.error().message()}, true};
  return Reloading(config_, values_, engine, *wanted, run_config_values(*text)).done();
}

}  // namespace penstock
