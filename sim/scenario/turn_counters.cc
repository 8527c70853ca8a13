// Names and numbers.
#include "sim/scenario/turn_counters.h"

#include <string>
#include <utility>

#include <fmt/format.h>

namespace penstock {

CounterTable table_of(const CounterSnapshot& engine) {
  CounterTable table;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    const auto counter = static_cast<Counter>(i);
    const CounterInfo& info = counter_info(counter);
    for (std::size_t value = 0; value < label_values(info.label); ++value) {
      const std::uint64_t count = engine.get(counter, value);
      if (count == 0) continue;
      const std::string label = label_value(info.label, value);
      table[label.empty() ? std::string(info.name) : fmt::format("{}{{{}}}", info.name, label)] = count;
    }
  }
  return table;
}

CounterTable table_of(const PortCounters& device) {
  CounterTable table = {{"rx_packets", device.rx_packets},
                        {"tx_packets", device.tx_packets},
                        {"rx_dropped", device.rx_dropped},
                        {"tx_dropped", device.tx_dropped},
                        {"rx_otherhost", device.rx_otherhost}};
  const std::pair<const char*, const Count*> of_driver[] = {{"xdp_packets", &device.xdp_packets},
                                                            {"xdp_redirect", &device.xdp_redirect},
                                                            {"xdp_drops", &device.xdp_drops},
                                                            {"rx_drops", &device.rx_drops},
                                                            {"xdp_tx", &device.xdp_tx},
                                                            {"xdp_tx_errors", &device.xdp_tx_errors},
                                                            {"xdp_xmit", &device.xdp_xmit},
                                                            {"xdp_xmit_errors", &device.xdp_xmit_errors},
                                                            {"sent", &device.sent},
                                                            {"nic_drop", &device.nic_drop}};
  for (const auto& [name, count] : of_driver) {
    if (count->known()) table[name] = count->value;
  }
  return table;
}

}  // namespace penstock
