// How the ways do over several queues of a veth, each loaded by a sender on a CPU of its own (stage.h): flat
// out, and what became of each queue's frames.
//
// One thread receives from all queues. The senders' CPUs are also those of the queues' NAPI, coupled; on a
// machine with as many CPUs as queues the receiver shares one of them, so a second queue shows what is lost
// where, not what a second core would give.
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

struct QueuesConfig {
  ComparisonConfig comparison{};
  std::vector<std::uint32_t> queues{1, 2};
};

struct OfQueue {
  Sample sent{};  // frames a second
  Sample lost{};  // of these, before the engine or the stack had them: veth_queues.h
};

struct QueuesCell {
  std::string way{};
  std::uint32_t queues = 0;
  Sample offered{};    // datagrams a second
  Sample delivered{};  // likewise
  Sample lost{};       // of what was offered
  std::vector<OfQueue> each{};
};

struct QueuesRun {
  QueuesConfig config{};
  std::vector<QueuesCell> cells{};  // way by way, numbers of queues within
};

// Errors: EINVAL with fewer CPUs than queues, and of a lab, whose card spreads flows by itself.
Result<QueuesRun> run_queues(const QueuesConfig& config,
                             const std::function<void(const std::string&)>& progress);

std::string to_table(const QueuesRun& run);
std::string to_json(const QueuesRun& run);

}  // namespace penstock
