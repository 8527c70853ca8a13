// Reading [demand].
#include "sim/scenario/demand.h"

#include <string_view>

namespace penstock {

Demand read_demand(TomlReader table) {
  constexpr std::string_view kNeighbours[] = {"static", "dynamic"};
  constexpr std::string_view kNapi[] = {"coupled", "decoupled"};
  Demand demand;
  demand.queues = static_cast<std::uint32_t>(table.integer("queues", 1, 64, demand.queues));
  demand.mtu = static_cast<std::uint32_t>(table.integer("mtu", 576, 3'498, demand.mtu));
  demand.second_interface = table.boolean("second_interface", demand.second_interface);
  demand.bridge = table.boolean("bridge", demand.bridge);
  demand.decoupled = table.choice("napi", kNapi, 0) == 1;
  demand.zero_copy = table.boolean("zero_copy", demand.zero_copy);
  demand.ipv6 = table.boolean("ipv6", demand.ipv6);
  demand.dynamic_neighbours = table.choice("neighbours", kNeighbours, 0) == 1;
  return demand;
}

}  // namespace penstock
