// Sets at their times, shreds to their roots.
#include "sim/turbine/turbine_leader.h"

#include <errno.h>

#include <memory>

#include "engine/base/check.h"
#include "engine/base/wait.h"
#include "engine/shred/parse.h"
#include "sim/turbine/turbine_tree.h"
#include "sim/turbine/udp_batch.h"

namespace penstock {
namespace {

Status send_set(const TurbineLeaderConfig& config, const FecSet& set, TurbineTree& tree, UdpOutput& output,
                TurbineLeaderReport* report) {
  for (std::size_t i = 0; i < kShredsInSet; ++i) {
    const std::span<const std::byte> shred = set.member(i);
    const ParsedShred parsed = parse_shred(shred);
    PENSTOCK_CHECK(parsed.ok());
    const std::size_t root = tree.root(parsed.header);
    if (Status sent = output.send(shred, {config.cluster[root].address, config.port}); !sent) return sent;
    report->content.add(shred);
    ++report->sent[root];
    ++report->shreds;
  }
  ++report->sets;
  return output.flush();
}

}  // namespace

Result<TurbineLeaderReport> lead(const TurbineLeaderConfig& config) {
  PENSTOCK_CHECK(config.pps > 0);
  Result<UdpOutput> output = UdpOutput::open(config.from);
  if (!output) return tl::unexpected(output.error());
  LeaderSource source(
      {.seed = config.seed, .first_slot = config.first_slot, .sets_per_slot = config.sets_per_slot});
  TurbineTree tree(config.cluster, source.leader(), config.fanout);
  const auto period = static_cast<Nanoseconds>(kShredsInSet * kSecond / config.pps);
  const auto set = std::make_unique<FecSet>();
  const MonotonicClock clock;
  TurbineLeaderReport report;
  report.sent.resize(config.cluster.size());
  Nanoseconds first = 0;
  Nanoseconds last = 0;
  for (std::uint64_t i = 0; i < std::uint64_t{config.slots} * source.sets_per_slot(); ++i) {
    if (Status made = source.next_set(set.get()); !made) return tl::unexpected(made.error());
    if (i > 0) sleep_until(last + period);
    last = clock.now();
    if (i == 0) first = last;
    if (Status sent = send_set(config, *set, tree, *output, &report); !sent)
      return tl::unexpected(sent.error());
  }
  report.elapsed = last - first;
  return report;
}

}  // namespace penstock
