// The checks that every run makes: laws 1 and 2, and what the scenario expects beyond them.
//
// A check that could not be made is in the result too, with the reason; nothing is left out silently.
// Law 4 is checked by scenario_run.h, which alone knows when everything should be gone.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/path_run.h"
#include "sim/scenario/result.h"
#include "sim/scenario/scenario.h"
#include "sim/workload/ledger.h"
#include "sim/workload/sequence.h"

namespace penstock {

// Law 1 for one path: the same multiset of datagrams as the sender's ledger promises, and not none;
// what the slow way brings by the slow way; no ICMP port-unreachable about ports that are held; and the rest
// of the traffic seen by the host.
std::vector<Check> check_same_meaning(const PathRun& run, const Ledger& ledger);

// The same for a numbered workload, without the host's side: every number that is ours came once, and no
// other.
std::vector<Check> check_numbers(const PathRun& run, const SequenceTally& expected);

// Law 2 for one path: every account closes.
std::vector<Check> check_conservation(const PathRun& run);

// Loss by cause, passes by reason, FEC sets.
std::vector<Check> check_expectations(const PathRun& run, const Expect& expect);

// The ledger itself against Linux: what plain UDP sockets were given of the same workload.
Check check_ledger(const MultisetDigest& sockets, const Ledger& ledger);

}  // namespace penstock
