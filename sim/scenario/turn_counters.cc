// Names and numbers.
#include "sim/scenario/turn_counters.h"

#include <string>

#include <fmt/format.h>

#include "sim/topology/driver_counters.h"

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
  for (const CountOfDriver& count : counts_of_drivers()) {
    const Count& value = device.*count.field;
    if (value.known()) table[std::string(count.name)] = value.value;
  }
  return table;
}

}  // namespace penstock
