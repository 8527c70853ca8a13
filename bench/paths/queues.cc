// Rounds, ways within rounds, numbers of queues within ways.
#include "bench/paths/queues.h"

#include <errno.h>

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "bench/paths/conditions.h"
#include "bench/paths/markdown.h"
#include "bench/paths/trial.h"
#include "bench/paths/veth_queues.h"

namespace penstock {
namespace {

double share(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of);
}

Result<std::vector<QueueCounts>> read_queues(const Stage& stage) {
  return read_veth_queues(stage.sender(), stage.receiver(), stage.config().queues);
}

Status measure(const Stage& stage, const Contestant& contestant, Nanoseconds duration, QueuesCell& cell) {
  Result<Session> session = Session::open(stage, contestant.open, 0);
  if (!session) return tl::unexpected(session.error());
  const auto before = read_queues(stage);
  if (!before) return tl::unexpected(before.error());
  const Result<Trial> trial = session->trial([&] { return stage.send(0, duration); });
  if (!trial) return tl::unexpected(trial.error());
  const auto after = read_queues(stage);
  if (!after) return tl::unexpected(after.error());
  cell.offered.add(trial->offered_rate());
  cell.delivered.add(trial->delivered_rate());
  cell.lost.add(trial->lost());
  for (std::size_t queue = 0; queue < cell.each.size(); ++queue) {
    const QueueCounts& from = (*before)[queue];
    const QueueCounts& to = (*after)[queue];
    const std::uint64_t sent = to.sent - from.sent;
    cell.each[queue].sent.add(share(sent, static_cast<std::uint64_t>(trial->elapsed)) * kSecond);
    cell.each[queue].lost.add(share(to.ring_full - from.ring_full + to.refused - from.refused, sent));
  }
  return {};
}

Result<std::vector<Stage>> make_stages(const QueuesConfig& config) {
  std::vector<Stage> stages;
  for (const std::uint32_t queues : config.queues) {
    StageConfig of_stage = config.comparison.stage;
    of_stage.queues = queues;
    const unsigned cpus = std::thread::hardware_concurrency();
    if (of_stage.sender_cpu + queues > cpus) {
      return fail(fmt::format("load {} queues from CPU {} on", queues, of_stage.sender_cpu), EINVAL,
                  fmt::format("each takes a CPU of its own, and this machine has {}", cpus));
    }
    Result<Stage> stage = Stage::create(of_stage);
    if (!stage) return tl::unexpected(stage.error());
    stages.push_back(std::move(*stage));
  }
  return stages;
}

}  // namespace

Result<QueuesRun> run_queues(const QueuesConfig& config,
                             const std::function<void(const std::string&)>& progress) {
  const ComparisonConfig& comparison = config.comparison;
  if (comparison.stage.lab != nullptr)
    return fail("load each queue of a lab's ports", EINVAL,
                "a card spreads flows by itself: leave --lab out");
  const Result<std::vector<Contestant>> contestants = who_takes_part(comparison.names, comparison.subject);
  if (!contestants) return tl::unexpected(contestants.error());
  for (const Contestant& contestant : *contestants) {
    if (!contestant.every_queue)
      return fail(contestant.name + " takes one queue of a veth", 0, "leave it out of --ways");
  }
  const Result<std::vector<Stage>> stages = make_stages(config);
  if (!stages) return tl::unexpected(stages.error());
  QueuesRun run{.config = config};
  for (const Contestant& contestant : *contestants) {
    for (const std::uint32_t queues : config.queues)
      run.cells.push_back({.way = contestant.name, .queues = queues, .each = std::vector<OfQueue>(queues)});
  }
  for (int round = 0; round < comparison.rounds; ++round) {
    auto cell = run.cells.begin();
    for (const Contestant& contestant : *contestants) {
      for (const Stage& stage : *stages) {
        if (Status s = measure(stage, contestant, comparison.duration, *cell++); !s)
          return fail(contestant.name, s.error());
      }
      progress(fmt::format("round {} of {}: {}", round + 1, comparison.rounds, contestant.name));
    }
  }
  return run;
}

std::string to_table(const QueuesRun& run) {
  const std::uint32_t most = *std::max_element(run.config.queues.begin(), run.config.queues.end());
  std::vector<std::string> header{"way", "queues", "offered, M/s", "delivered, M/s", "lost"};
  for (std::uint32_t queue = 0; queue < most; ++queue) {
    header.push_back(fmt::format("queue {}, M/s", queue));
    header.emplace_back("lost");
  }
  MarkdownTable table(header);
  for (const QueuesCell& cell : run.cells) {
    std::vector<std::string> row{cell.way, std::to_string(cell.queues), cell.offered.text(1e6, 2),
                                 cell.delivered.text(1e6, 2),
                                 fmt::format("{:.1f} %", cell.lost.median() * 100)};
    for (const OfQueue& queue : cell.each) {
      row.push_back(queue.sent.text(1e6, 2));
      row.push_back(fmt::format("{:.1f} %", queue.lost.median() * 100));
    }
    row.resize(header.size(), "-");
    table.add(std::move(row));
  }
  return fmt::format(
      "Flat out, by the number of queues, each with a sender of its own\n{}\n\n{}\n"
      "Queue N: sent to it from CPU {} + N, and lost of that at the veth's ring or the AF_XDP socket; a "
      "plain "
      "socket is behind all queues, and counts only in the whole.\n",
      conditions(run.config.comparison, {.queues = true}), table.text(),
      run.config.comparison.stage.sender_cpu);
}

}  // namespace penstock
