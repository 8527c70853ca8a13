// What is lost at which offered load: each way at each of some rates, from the least to the most, in turns of
// the ways within each round.
//
// Coupled, a sender cannot offer more than the receive side leaves it: then it misses its rate, and the cell
// has the rate that it met instead.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/paths/comparison.h"
#include "bench/paths/sample.h"
#include "engine/base/result.h"

namespace penstock {

struct LossCurveConfig {
  ComparisonConfig comparison{};
  std::vector<std::uint64_t> rates{};  // frames a second, ascending
};

// A quarter of a million a second to four.
std::vector<std::uint64_t> usual_rates();

struct LossPoint {
  std::string way{};
  std::uint64_t pps = 0;
  Sample lost{};                // of what was offered
  Sample offered{};             // datagrams a second
  Delivered total{};            // of all rounds, by cause
  std::uint64_t veth_full = 0;  // likewise
  int missed = 0;               // rounds in which the sender missed its rate
};

struct LossCurve {
  LossCurveConfig config{};
  std::string kernel{};
  std::vector<LossPoint> points{};  // way by way, rates within
};

Result<LossCurve> run_loss_curve(const LossCurveConfig& config,
                                 const std::function<void(const std::string&)>& progress);

std::string to_table(const LossCurve& curve);
std::string to_json(const LossCurve& curve);

}  // namespace penstock
