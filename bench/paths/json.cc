// All measurements as programs read them: one form for one thing in every file.
#include <nlohmann/json.hpp>

#include "bench/paths/bursts.h"
#include "bench/paths/comparison.h"
#include "bench/paths/limits.h"
#include "bench/paths/loss_curve.h"
#include "bench/paths/queues.h"
#include "bench/paths/sample.h"
#include "bench/paths/sweep.h"

namespace penstock {
namespace {

// Null of nothing.
nlohmann::ordered_json json_of(const Sample& sample) {
  if (sample.size() == 0) return nullptr;
  return {{"median", sample.median()},
          {"quartiles", {sample.quantile(0.25), sample.quantile(0.75)}},
          {"values", sample.values()}};
}

nlohmann::ordered_json json_of(const LatencyHistogram& histogram) {
  auto buckets = nlohmann::ordered_json::array();
  histogram.for_each([&](Nanoseconds at_most, std::uint64_t count) {
    buckets.push_back({{"at_most", at_most}, {"count", count}});
  });
  return {{"count", histogram.count()},
          {"p10", histogram.percentile(0.1)},
          {"p50", histogram.percentile(0.5)},
          {"p90", histogram.percentile(0.9)},
          {"p99", histogram.percentile(0.99)},
          {"p99.9", histogram.percentile(0.999)},
          {"max", histogram.max()},
          {"histogram", buckets}};
}

// What all of them have.
nlohmann::ordered_json json_of(const ComparisonConfig& config, const std::string& kernel) {
  return {{"kernel", kernel},
          {"coupling", to_string(config.stage.coupling)},
          {"rx_entries", config.subject.rx_entries},
          {"seconds", static_cast<double>(config.duration) / kSecond}};
}

}  // namespace

std::string to_json(const Comparison& comparison) {
  const ComparisonConfig& config = comparison.config;
  nlohmann::ordered_json json = json_of(config, comparison.kernel);
  json["frame_bytes"] = config.stage.traffic.frame_bytes;
  json["ours_percent"] = config.stage.traffic.ours_percent;
  json["baseline_ns"] = json_of(comparison.baseline);
  for (const Measured& each : comparison.ways) {
    json["ways"].push_back({{"way", each.contestant.name},
                            {"delivered_per_second", json_of(each.highest)},
                            {"lost", json_of(each.lost)},
                            {"cost_ns", json_of(each.cost)},
                            {"ndr", config.search ? nlohmann::ordered_json(each.ndr) : nullptr},
                            {"pdr", config.search ? nlohmann::ordered_json(each.pdr) : nullptr}});
  }
  return json.dump(2) + "\n";
}

std::string to_json(const Sweep& sweep) {
  nlohmann::ordered_json json = json_of(sweep.config.comparison, sweep.kernel);
  json["load"] = sweep.config.load;
  json["waiting_ns"] = json_of(sweep.waiting);
  json["baseline_ns"] = json_of(sweep.baseline);
  for (const SweepCell& cell : sweep.cells) {
    json["cells"].push_back({{"way", cell.way},
                             {"frame_bytes", cell.traffic.frame_bytes},
                             {"ours_percent", cell.traffic.ours_percent},
                             {"max_per_second", json_of(cell.max)},
                             {"lost", json_of(cell.lost)},
                             {"host_lost", json_of(cell.host_lost)},
                             {"cost_ns", json_of(cell.cost)},
                             {"lost_at_load", json_of(cell.lost_at_load)},
                             {"kept_rate", cell.kept_rate}});
  }
  return json.dump(2) + "\n";
}

std::string to_json(const Bursts& bursts) {
  nlohmann::ordered_json json = json_of(bursts.config.comparison, bursts.kernel);
  json.erase("rx_entries");
  json.erase("seconds");
  json["most"] = bursts.config.most;
  for (const BurstCell& cell : bursts.cells) {
    json["cells"].push_back({{"way", cell.way},
                             {"rx_entries", cell.ring},
                             {"largest_burst", json_of(cell.largest)},
                             {"all_received", cell.all_passed},
                             {"sent_per_second", json_of(cell.rate)}});
  }
  return json.dump(2) + "\n";
}

std::string to_json(const LossCurve& curve) {
  nlohmann::ordered_json json = json_of(curve.config.comparison, curve.kernel);
  for (const LossPoint& point : curve.points) {
    const Delivered& total = point.total;
    json["points"].push_back({{"way", point.way},
                              {"frames_per_second", point.pps},
                              {"offered_per_second", json_of(point.offered)},
                              {"lost", json_of(point.lost)},
                              {"rounds_sender_missed_rate", point.missed},
                              {"lost_by_cause",
                               {{"rx_ring_full", total.rx_ring_full},
                                {"rx_dropped", total.fill_empty},
                                {"socket_drop", total.socket_drop},
                                {"overrun", total.overrun},
                                {"veth_full", point.veth_full}}}});
  }
  return json.dump(2) + "\n";
}

std::string to_json(const QueuesRun& run) {
  nlohmann::ordered_json json = json_of(run.config.comparison, kernel_release());
  for (const QueuesCell& cell : run.cells) {
    nlohmann::ordered_json queues = nlohmann::ordered_json::array();
    for (const OfQueue& queue : cell.each)
      queues.push_back({{"sent_per_second", json_of(queue.sent)}, {"lost", json_of(queue.lost)}});
    json["cells"].push_back({{"way", cell.way},
                             {"queues", cell.queues},
                             {"offered_per_second", json_of(cell.offered)},
                             {"delivered_per_second", json_of(cell.delivered)},
                             {"lost", json_of(cell.lost)},
                             {"each", queues}});
  }
  return json.dump(2) + "\n";
}

std::string to_json(const Limits& limits) {
  nlohmann::ordered_json json = json_of(limits.config.comparison, limits.kernel);
  json.erase("coupling");
  json["width"] = limits.config.search.width;
  for (const CouplingLimits& each : limits.couplings) {
    nlohmann::ordered_json of_coupling{{"coupling", to_string(each.coupling)},
                                       {"stalls_ns", json_of(each.latency.pauses)}};
    for (const WayLimits& way : each.ways) {
      of_coupling["ways"].push_back({{"way", way.way},
                                     {"ndr", json_of(way.ndr)},
                                     {"pdr", json_of(way.pdr)},
                                     {"delivered_per_second", json_of(way.flat_out)},
                                     {"trials", way.trials}});
    }
    of_coupling["latency_ns"] = nlohmann::ordered_json::array();
    for (const LatencyRun& run : each.latency.runs) {
      of_coupling["latency_ns"].push_back({{"way", run.contestant.name},
                                           {"share_of_ndr", run.of_ndr},
                                           {"frames_per_second", run.pps},
                                           {"kept_rate", run.trial.kept_rate},
                                           {"age", json_of(run.latency)}});
    }
    json["couplings"].push_back(of_coupling);
  }
  return json.dump(2) + "\n";
}

}  // namespace penstock
