// From the table of counters to plain numbers.
#include <numeric>

#include "engine/shred/fec_resolver.h"

namespace penstock {

ResolverCounts::ResolverCounts(const CounterSnapshot& snapshot)
    : added(snapshot.get(Counter::kShredConsumed)),
      accepted(snapshot.get(Counter::kShredAccepted)),
      duplicates(snapshot.get(Counter::kShredDuplicate)),
      late(snapshot.get(Counter::kShredLate)),
      held(snapshot.get(Counter::kShredHeld) - snapshot.get(Counter::kShredReleased)),
      trailing_bytes(snapshot.get(Counter::kShredTrailing)),
      signature_checks(snapshot.get(Counter::kShredSignatureChecks)),
      negative_hits(snapshot.get(Counter::kShredNegativeHits)),
      sets_opened(snapshot.get(Counter::kFecSetsOpened)),
      sets_finished(snapshot.get(Counter::kFecSetsFinished)),
      sets_failed(snapshot.get(Counter::kFecSetsFailed)),
      sets_dropped(snapshot.get(Counter::kFecSetsDropped)),
      equivocations(snapshot.get(Counter::kShredConflicts)),
      rule_8_broken(snapshot.get(Counter::kFecSetsRule8)) {
  for (std::size_t i = 1; i < rejected.size(); ++i)
    rejected[i] = snapshot.get(static_cast<RejectReason>(i));
}

std::uint64_t ResolverCounts::accounted() const {
  return std::accumulate(rejected.begin(), rejected.end(), accepted + duplicates + late + held);
}

}  // namespace penstock
