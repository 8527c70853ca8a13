// Leaders, links, thread.
#include "engine/commands/shred_stage.h"

#include <errno.h>
#include <sys/random.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace penstock {
namespace {

// A quiet stage looks at its links once a millisecond: no other latency is promised behind it.
constexpr Nanoseconds kLongestSleep = kMillisecond;

// Keys the tables of the stage, so that nobody outside can aim at one of their cells.
Result<std::uint64_t> secret() {
  std::uint64_t seed = 0;
  if (getrandom(&seed, sizeof(seed), 0) != static_cast<ssize_t>(sizeof(seed)))
    return fail("get a random seed for the shred stage", errno);
  return seed;
}

}  // namespace

const LeaderSchedule* ShredStage::leaders() const {
  if (one_leader_) return &*one_leader_;
  return schedule_ ? &*schedule_ : nullptr;
}

Result<std::unique_ptr<ShredStage>> ShredStage::start(const ShredsSpec& spec,
                                                      std::span<const std::uint16_t> ports,
                                                      std::span<const PortLinks* const> net_tiles,
                                                      const FrameMemory& memory, ResolverObserver* observer) {
  std::unique_ptr<ShredStage> stage(new ShredStage);
  if (spec.leader) stage->one_leader_.emplace(*spec.leader);
  if (!spec.leader_file.empty()) {
    Result<SlotSchedule> schedule = read_leader_schedule(spec.leader_file);
    if (!schedule) return fail("read the leader schedule", schedule.error());
    stage->schedule_.emplace(std::move(*schedule));
  }
  const Result<std::uint64_t> seed = secret();
  if (!seed) return tl::unexpected(seed.error());

  FecResolverConfig config{
      .checks = spec.stage == ShredStageKind::kFull ? ShredChecks::kFull : ShredChecks::kCheap,
      .mode = spec.rules,
      .limits = {.max_index = spec.index_limit},
      .hash_seed = *seed};
  if (spec.version != 0) config.version = spec.version;
  std::vector<ShredLink> inputs;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const bool repair =
        std::find(spec.repair_ports.begin(), spec.repair_ports.end(), ports[i]) != spec.repair_ports.end();
    for (const PortLinks* links : net_tiles) {
      inputs.push_back({.lines = links->lines(i),
                        .memory = memory,
                        .port = repair ? ShredPort::kRepair : ShredPort::kTurbine});
    }
  }
  if (spec.digest) stage->observers_.add(&stage->content_.emplace());
  stage->observers_.add(observer);
  stage->tile_.emplace(config, inputs, stage->leaders(), &stage->observers_);
  Result<TileThread> thread =
      TileThread::start(*stage->tile_, {.name = "pen-shred", .longest_sleep = kLongestSleep});
  if (!thread) return fail("start the shred stage", thread.error());
  stage->thread_.emplace(std::move(*thread));
  return stage;
}

}  // namespace penstock
