// Names and numbers.
#include "sim/scenario/counter_tables.h"

#include <nlohmann/json.hpp>

#include "sim/scenario/result.h"
#include "sim/scenario/text_file.h"

namespace penstock {

Status write_counters(const RunResult& result, const std::filesystem::path& directory) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const PathResult& path : result.paths) {
    for (const auto& [name, sides] : path.counters)
      json[path.path][name] = {{"before", sides.before}, {"after", sides.after}};
  }
  return write_text(directory / "counters.json", json.dump(2) + "\n");
}

}  // namespace penstock
