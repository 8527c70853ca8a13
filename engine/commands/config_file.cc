// Reading, and comparing with what runs.
#include "engine/commands/config_file.h"

#include <errno.h>

#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "engine/config/config_changes.h"

namespace penstock {
namespace {

constexpr const char* kOnStall = "threads.on_stall";

Result<std::string> text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return fail("read " + path.string(), errno);
  return text.str();
}

}  // namespace

Result<std::unique_ptr<ConfigFile>> ConfigFile::read(const std::filesystem::path& path) {
  auto file = std::make_unique<ConfigFile>();
  Result<std::string> text = text_of(path);
  if (!text) return tl::unexpected(text.error());
  Result<RunConfig> config = parse_run_config(*text, path.string());
  if (!config) return tl::unexpected(config.error());
  file->path_ = path;
  file->text_ = std::move(*text);
  file->config_ = std::move(*config);
  return file;
}

std::vector<std::string> ConfigFile::reload() {
  const Result<std::string> text = text_of(path_);
  const Result<RunConfig> config =
      text ? parse_run_config(*text, path_.string()) : Result<RunConfig>(tl::unexpected(text.error()));
  if (!config) return {"goes on as it is, since its file is of no use: " + config.error().message()};
  std::vector<std::string> lines;
  if (config->on_stall != config_.on_stall) {
    config_.on_stall = config->on_stall;
    lines.push_back(fmt::format("{} = \"{}\" from now on", kOnStall, to_string(config_.on_stall)));
  }
  for (const ConfigChange& change : run_config_changes(text_, *text)) {
    if (change.key == kOnStall) continue;
    lines.push_back(fmt::format("{} = {} takes effect at the next start; until then {}", change.key,
                                change.after, change.before));
  }
  if (lines.empty()) lines.emplace_back("its file says nothing new");
  return lines;
}

}  // namespace penstock
