// Names to slots and fields.
#include "engine/monitor/sample.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "engine/monitor/printable.h"
#include "engine/monitor/prometheus_line.h"

namespace penstock {
namespace {

// The table by exported name.
const std::map<std::string, Counter, std::less<>>& counters_by_name() {
  static const auto kTable = [] {
    std::map<std::string, Counter, std::less<>> names;
    for (std::size_t i = 0; i < kCounterCount; ++i) {
      const auto counter = static_cast<Counter>(i);
      names.emplace(fmt::format("penstock_{}_total", counter_info(counter).name), counter);
    }
    return names;
  }();
  return kTable;
}

// Where the label's value stands; ports are numbered as they come.
std::optional<std::size_t> index_of_value(CounterLabel label, std::string_view value,
                                          std::vector<std::uint16_t>& ports) {
  if (label != CounterLabel::kPort) {
    for (std::size_t i = 0; i < label_values(label); ++i) {
      if (label_value(label, i) == value) return i;
    }
    return std::nullopt;
  }
  std::uint16_t port = 0;
  std::from_chars(value.data(), value.data() + value.size(), port);
  const auto known = std::find(ports.begin(), ports.end(), port);
  if (known != ports.end()) return known - ports.begin();
  if (port == 0 || ports.size() == kMaxPorts) return std::nullopt;
  ports.push_back(port);
  return ports.size() - 1;
}

bool take_counter(const PrometheusLine& line, EngineSample& sample) {
  const auto found = counters_by_name().find(line.name);
  if (found == counters_by_name().end()) return false;
  const CounterLabel label = counter_info(found->second).label;
  const auto value = index_of_value(label, line.label(label_name(label)), sample.ports);
  if (value) sample.counters.slots[counter_slot(found->second, *value)] = line.number;
  return true;
}

void take_device(std::string_view name, std::uint64_t number, EngineFacts& facts) {
  if (!name.starts_with("penstock_device_rx_")) return;
  if (!facts.device) facts.device.emplace();
  if (name == "penstock_device_rx_packets_total") facts.device->rx_packets = number;
  if (name == "penstock_device_rx_bytes_total") facts.device->rx_bytes = number;
  if (name == "penstock_device_rx_dropped_total") facts.device->rx_dropped = number;
  if (name == "penstock_device_rx_missed_total") facts.device->rx_missed = number;
  if (name == "penstock_device_rx_errors_total") facts.device->rx_errors = number;
}

// More than any host has: a page of nothing but queues costs no more than another.
constexpr std::size_t kMostQueues = 1024;

void take_queue(const PrometheusLine& line, std::vector<QueueLoad>& queues) {
  if (!line.name.starts_with("penstock_rx_queue_")) return;
  const std::string_view interface = line.label("interface"), number = line.label("queue");
  std::uint32_t queue = 0;
  std::from_chars(number.data(), number.data() + number.size(), queue);
  auto load = std::find_if(queues.begin(), queues.end(), [&](const QueueLoad& each) {
    return each.queue == queue && each.interface == interface;
  });
  if (load == queues.end()) {
    if (queues.size() == kMostQueues) return;
    load = queues.insert(load, {.interface = std::string(interface), .queue = queue});
  }
  if (line.name == "penstock_rx_queue_frames_total") load->frames = line.number;
  if (line.name == "penstock_rx_queue_waiting") load->most_waiting = static_cast<std::uint32_t>(line.number);
  if (line.name == "penstock_rx_queue_entries") load->entries = static_cast<std::uint32_t>(line.number);
}

void take_fact(const PrometheusLine& line, EngineFacts& facts) {
  ReceiverInfo& receiver = facts.receiver;
  const std::string_view name = line.name;
  if (name == "penstock_build_info") facts.version = line.label("version");
  if (name == "penstock_process_id") facts.process_id = static_cast<std::uint32_t>(line.number);
  if (name == "penstock_ready") facts.ready = line.number != 0;
  if (name == "penstock_config_info") facts.config = line.labels;
  if (name == "penstock_receiver_info") {
    receiver.path = line.label("path");
    receiver.mode = line.label("mode");
  }
  if (name == "penstock_receiver_step_down_info") receiver.steps_down.emplace_back(line.label("step"));
  if (name == "penstock_receiver_better_way") receiver.better_way = line.number != 0;
  if (name == "penstock_receiver_sockets") receiver.sockets = static_cast<std::uint32_t>(line.number);
  if (name == "penstock_interface_queues") facts.interface_queues = static_cast<std::uint32_t>(line.number);
  if (name == "penstock_interface_up") facts.interface_up = line.number != 0;
  if (name == "penstock_thread_cpu_seconds_total")
    facts.thread_times_ms[std::string(line.label("thread"))] = line.number * 1'000 + line.thousandths;
  take_device(name, line.number, facts);
  take_queue(line, receiver.queues);
}

}  // namespace

std::string EngineSample::config(std::string_view label) const {
  for (const auto& [key, value] : facts.config) {
    if (key == label) return value;
  }
  return {};
}

Result<EngineSample> parse_sample(std::string_view page) {
  EngineSample sample;
  bool any = false;
  for (std::size_t number = 1; !page.empty(); ++number) {
    const std::size_t end = page.find('\n');
    const std::string_view text = page.substr(0, end);
    page.remove_prefix(end == std::string_view::npos ? page.size() : end + 1);
    if (text.empty() || text.front() == '#' || !text.starts_with("penstock_")) continue;
    const std::optional<PrometheusLine> line = parse_prometheus_line(text);
    if (!line)
      return fail(fmt::format("read the metrics: line {} is '{}'", number,
                              printable(std::string(text.substr(0, 80)))));
    if (take_counter(*line, sample)) {
      any = true;
    } else {
      take_fact(*line, sample.facts);
    }
  }
  if (!any) return fail("read the metrics: no counter of penstock is there");
  return sample;
}

}  // namespace penstock
