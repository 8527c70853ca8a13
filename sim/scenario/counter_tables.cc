// Names and numbers.
#include "sim/scenario/counter_tables.h"

#include <errno.h>

#include <fstream>

#include <nlohmann/json.hpp>

#include "sim/scenario/result.h"

namespace penstock {

Status write_counters(const RunResult& result, const std::filesystem::path& directory) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const PathResult& path : result.paths) {
    for (const auto& [name, sides] : path.counters)
      json[path.path][name] = {{"before", sides.before}, {"after", sides.after}};
  }
  const std::filesystem::path file = directory / "counters.json";
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << json.dump(2) << "\n";
  out.close();
  return out ? Status{} : fail("write " + file.string(), errno);
}

}  // namespace penstock
