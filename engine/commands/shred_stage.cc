// Leaders, links, thread.
#include "engine/commands/shred_stage.h"

#include <errno.h>
#include <sys/random.h>

#include <limits>
#include <utility>
#include <vector>

#include "engine/shred/leader_file.h"

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

// Nothing where the file names neither.
Result<std::optional<SlotSchedule>> leaders_of(const ShredsSpec& spec) {
  std::optional<SlotSchedule> leaders;
  if (spec.leader) leaders.emplace().add(0, std::numeric_limits<std::uint64_t>::max(), *spec.leader);
  if (spec.leader_file.empty()) return leaders;
  Result<SlotSchedule> schedule = read_leader_schedule(spec.leader_file);
  if (!schedule) return fail("read the leader schedule", schedule.error());
  leaders.emplace(std::move(*schedule));
  return leaders;
}

}  // namespace

Result<std::unique_ptr<ShredStage>> ShredStage::start(const ShredsSpec& spec,
                                                      std::span<const PortLinks* const> net_tiles,
                                                      const FrameMemory& memory, ResolverObserver* observer,
                                                      VerdictLink* verdicts) {
  std::unique_ptr<ShredStage> stage(new ShredStage);
  Result<std::optional<SlotSchedule>> leaders = leaders_of(spec);
  if (!leaders) return tl::unexpected(leaders.error());
  if (*leaders) stage->leaders_.emplace(std::move(**leaders));
  const Result<std::uint64_t> seed = secret();
  if (!seed) return tl::unexpected(seed.error());

  FecResolverConfig config{
      .checks = spec.stage == ShredStageKind::kFull ? ShredChecks::kFull : ShredChecks::kCheap,
      .mode = spec.rules,
      .limits = {.max_index = spec.index_limit},
      .hash_seed = *seed};
  if (spec.version != 0) config.version = spec.version;
  std::vector<ShredLink> inputs;
  for (const PortLinks* links : net_tiles) {
    for (std::size_t i = 0; i < links->links(); ++i)
      inputs.push_back({.lines = links->lines(i), .memory = memory, .marks = links->marks(i)});
  }
  if (spec.digest) stage->observers_.add(&stage->content_.emplace());
  stage->observers_.add(observer);
  const LeaderSchedule* const known = stage->leaders_ ? &*stage->leaders_ : nullptr;
  stage->tile_.emplace(config, inputs, known, &stage->observers_, nullptr, verdicts);
  stage->set_repair_ports(spec.repair_ports);
  Result<TileThread> thread =
      TileThread::start(*stage->tile_, {.name = "pen-shred", .longest_sleep = kLongestSleep});
  if (!thread) return fail("start the shred stage", thread.error());
  stage->thread_.emplace(std::move(*thread));
  return stage;
}

Result<bool> ShredStage::set_leaders(const ShredsSpec& spec) {
  Result<std::optional<SlotSchedule>> leaders = leaders_of(spec);
  if (!leaders) return tl::unexpected(leaders.error());
  if (leaders->has_value() != leaders_.has_value())
    return fail("begin or end to check signatures while it runs", ENOTSUP);
  return leaders_ && leaders_->replace(std::move(**leaders));
}

}  // namespace penstock
