// Reading [demand].
#include "sim/scenario/demand.h"

#include <string_view>

namespace penstock {

constexpr std::int64_t kMostHugePages = 1 << 20;  // 2 TiB

Demand read_demand(TomlReader table) {
  constexpr std::string_view kNeighbours[] = {"static", "dynamic"};
  constexpr std::string_view kNapi[] = {"coupled", "decoupled"};
  Demand demand;
  demand.queues = static_cast<std::uint32_t>(table.integer("queues", 1, 64, demand.queues));
  demand.mtu = static_cast<std::uint32_t>(table.integer("mtu", 576, 3'498, demand.mtu));
  demand.second_interface = table.boolean("second_interface", demand.second_interface);
  demand.bridge = table.boolean("bridge", demand.bridge);
  demand.decoupled = table.choice("napi", kNapi, 0) == 1;
  demand.native_xdp = table.boolean("native_xdp", demand.native_xdp);
  demand.huge_pages =
      static_cast<std::uint32_t>(table.integer("huge_pages", 0, kMostHugePages, demand.huge_pages));
  demand.zero_copy = table.boolean("zero_copy", demand.zero_copy);
  demand.ipv6 = table.boolean("ipv6", demand.ipv6);
  demand.dynamic_neighbours = table.choice("neighbours", kNeighbours, 0) == 1;
  for (const std::string& key : table.keys())
    demand.places[key] = table.place(key);
  return demand;
}

}  // namespace penstock
