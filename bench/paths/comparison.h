// The whole comparison: every way against the others on one stage, in turns.
//
//   highest   flat out: what arrives a second, and where the rest is lost
//   cost      CPU time of the whole machine for each packet delivered then, less what each of the same frames
//             takes into XDP_DROP. Flat out, because a generator that waits for a frame's time is busy
//             waiting: at less than that its core is always full, and hides what the receive side costs
//             there. Spinning costs the whole of its core by definition; the cost of the work itself is that
//             of blocking.
//   ndr, pdr  rate_search.h
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/paths/contestants.h"
#include "bench/paths/sample.h"
#include "bench/paths/stage.h"
#include "bench/paths/subject.h"
#include "engine/base/result.h"

namespace penstock {

struct ComparisonConfig {
  StageConfig stage{};
  std::vector<std::string> names{};  // who_takes_part()
  int rounds = 5;
  Nanoseconds duration = kSecond;
  SubjectConfig subject{};  // port and CPU are the stage's
  bool search = false;
};

// Of the running kernel.
std::string kernel_release();

struct Measured {
  Contestant contestant{};
  Sample highest{};  // datagrams a second, flat out
  Sample lost{};     // of what was offered then
  Sample cost{};     // ns a packet, both cores
  std::uint64_t ndr = 0;
  std::uint64_t pdr = 0;
};

struct Comparison {
  ComparisonConfig config{};
  std::string kernel{};
  Sample baseline{};  // ns a frame into XDP_DROP
  std::vector<Measured> ways{};
};

Result<Comparison> compare(const ComparisonConfig& config,
                           const std::function<void(const std::string&)>& progress);

std::string to_table(const Comparison& comparison);
std::string to_json(const Comparison& comparison);

}  // namespace penstock
