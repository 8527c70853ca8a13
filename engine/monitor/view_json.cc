// The same for programs.
#include <nlohmann/json.hpp>

#include "engine/monitor/view_text.h"

namespace penstock {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Rate& rate) {
  return {{"per_second", rate.per_second}, {"total", rate.total}};
}

Json json_of(const std::vector<Rate>& rates) {
  Json object = Json::object();
  for (const Rate& rate : rates)
    object[rate.name] = json_of(rate);
  return object;
}

Json json_of(const std::vector<PortView>& ports) {
  Json array = Json::array();
  for (const PortView& port : ports) {
    array.push_back({{"port", port.port},
                     {"fast", json_of(port.fast)},
                     {"slow", json_of(port.slow)},
                     {"bits_per_second", port.bits_per_second}});
  }
  return array;
}

Json json_of(const ShredView& shreds) {
  return {{"stage", shreds.stage},
          {"consumed", json_of(shreds.consumed)},
          {"fates", json_of(shreds.fates)},
          {"fec_sets", json_of(shreds.sets)}};
}

// In us; null: none was sampled, or it took longer than any bound.
Json json_of(const std::vector<HopView>& hops) {
  Json object = Json::object();
  for (const HopView& hop : hops) {
    const auto us = [&](Nanoseconds at_most) {
      return hop.samples == 0 || at_most == HopView::kLongerHop ? Json() : Json(at_most / kMicrosecond);
    };
    object[hop.consumer] = {
        {"samples", hop.samples}, {"p50_us", us(hop.p50)}, {"p99_us", us(hop.p99)}, {"max_us", us(hop.max)}};
  }
  return object;
}

Json json_of(const std::vector<QueueView>& queues) {
  Json array = Json::array();
  for (const QueueView& queue : queues) {
    array.push_back({{"interface", queue.load.interface},
                     {"queue", queue.load.queue},
                     {"frames", json_of(queue.frames)},
                     {"most_waiting", queue.load.most_waiting},
                     {"ring_entries", queue.load.entries}});
  }
  return array;
}

Json json_of(const Answer& why) {
  return {
      {"cause", why.cause}, {"sentence", why.sentence}, {"command", why.command}, {"receives", why.receives}};
}

// What is not UTF-8 (an interface's name may be anything) is replaced, not thrown at.
std::string on_one_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string error_json(const std::string& message) {
  return on_one_line({{"error", message}});
}

std::string view_json(const MonitorView& view) {
  const ReceiverInfo& receiver = view.facts.receiver;
  Json threads = Json::object();
  for (const ThreadView& thread : view.threads)
    threads[thread.name] = thread.percent;
  const Json object = {{"interface", view.interface},
                       {"version", view.facts.version},
                       {"ready", view.facts.ready},
                       {"interface_up", view.facts.interface_up},
                       {"restarted", view.restarted},
                       {"path", receiver.path},
                       {"mode", receiver.mode},
                       {"sockets", receiver.sockets},
                       {"queues", view.facts.interface_queues},
                       {"companion", view.companion},
                       {"steps_down", receiver.steps_down},
                       {"better_way", receiver.better_way},
                       {"device", view.device ? json_of(*view.device) : Json()},
                       {"ports", json_of(view.ports)},
                       {"passed", json_of(view.passed)},
                       {"lost", json_of(view.lost)},
                       {"shreds", view.shreds ? json_of(*view.shreds) : Json()},
                       {"outlet", json_of(view.outlet)},
                       {"latency", json_of(view.hops)},
                       {"queue_load", json_of(view.queues)},
                       {"thread_cpu_percent", threads},
                       {"why", view.why ? json_of(*view.why) : Json()}};
  return on_one_line(object);
}

}  // namespace penstock
