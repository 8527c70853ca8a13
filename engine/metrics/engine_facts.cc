// Prometheus text exposition format 0.0.4.
#include "engine/metrics/engine_facts.h"

#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {
namespace {

struct FactInfo {
  std::string_view name;
  std::string_view type;
  std::string_view help;
};
constexpr FactInfo kFacts[] = {
#define X(name, type, labels, help) {name, type, help},
    PENSTOCK_FACTS(X)
#undef X
};

// Writes families in the order of the calls; a name that the table lacks is a programmer's error.
class Text {
 public:
  Text& family(std::string_view name) {
    for (const FactInfo& info : kFacts) {
      if (info.name != name) continue;
      name_ = name;
      print("# HELP penstock_{0} {1}.\n# TYPE penstock_{0} {2}\n", info.name, info.help, info.type);
      return *this;
    }
    PENSTOCK_CHECK(!"a fact of the table");
    return *this;
  }
  template <typename Value>
  Text& value(const Value& value, const FactLabels& labels = {}) {
    std::string inside;
    for (const auto& [key, text] : labels)
      inside += fmt::format("{}{}=\"{}\"", inside.empty() ? "" : ",", key, escape_label(text));
    print("penstock_{}{} {}\n", name_, inside.empty() ? "" : "{" + inside + "}", value);
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  template <typename... T>
  void print(fmt::format_string<T...> format, T&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<T>(values)...);
  }

  std::string text_;
  std::string_view name_;
};

void add_device(Text& text, const DeviceCounters& device) {
  text.family("device_rx_packets_total").value(device.rx_packets);
  text.family("device_rx_bytes_total").value(device.rx_bytes);
  text.family("device_rx_dropped_total").value(device.rx_dropped);
  text.family("device_rx_missed_total").value(device.rx_missed);
  text.family("device_rx_errors_total").value(device.rx_errors);
}

void add_queues(Text& text, const std::vector<QueueLoad>& queues) {
  const auto add = [&](std::string_view name, auto QueueLoad::*member) {
    text.family(name);
    for (const QueueLoad& load : queues)
      text.value(load.*member, {{"interface", load.interface}, {"queue", std::to_string(load.queue)}});
  };
  add("rx_queue_frames_total", &QueueLoad::frames);
  add("rx_queue_waiting", &QueueLoad::most_waiting);
  add("rx_queue_entries", &QueueLoad::entries);
}

}  // namespace

std::string escape_label(const std::string& value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return escaped;
}

std::string engine_facts_text(const EngineFacts& facts) {
  const ReceiverInfo& receiver = facts.receiver;
  Text text;
  text.family("build_info").value(1, {{"version", facts.version}});
  text.family("process_id").value(facts.process_id);
  text.family("ready").value(facts.ready ? 1 : 0);
  text.family("config_info").value(1, facts.config);
  text.family("receiver_info").value(1, {{"path", receiver.path}, {"mode", receiver.mode}});
  text.family("receiver_steps_down").value(receiver.steps_down.size());
  text.family("receiver_step_down_info");
  for (const std::string& step : receiver.steps_down)
    text.value(1, {{"step", step}});
  text.family("receiver_better_way").value(receiver.better_way ? 1 : 0);
  text.family("receiver_sockets").value(receiver.sockets);
  add_queues(text, receiver.queues);
  text.family("interface_queues").value(facts.interface_queues);
  text.family("interface_up").value(facts.interface_up ? 1 : 0);
  if (facts.device) add_device(text, *facts.device);
  text.family("thread_cpu_seconds_total");
  for (const auto& [thread, ms] : facts.thread_times_ms)
    text.value(fmt::format("{}.{:03}", ms / 1'000, ms % 1'000), {{"thread", thread}});
  return text.take();
}

}  // namespace penstock
