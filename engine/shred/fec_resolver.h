// The core of the shred tile: takes payloads as they come, keeps those that a leader signed, drops
// duplicates, and rebuilds FEC sets. Rules and words: shared/reference/receive-checks.md, interfaces.md.
//
// Order of checks, cheap ones first, so that junk costs little:
//   1. length, variant (and on the repair port the nonce); version; slot window; rules of SIMD-0504
//   2. leader known
//   3. set known under this signature: late or duplicate (no hash), then the Merkle proof against the
//      known part of the tree (no signature check: one a set)
//   4. set known under another signature that was verified too: conflict (no hash)
//   5. otherwise a candidate: fold the proof to a root, negative cache, Ed25519
//
// A candidate costs an Ed25519 check (40 us) only while there is credit: every failed check takes one,
// every 64 accepted shreds give one back. Without credit a set must first show kProvingMembers distinct
// members under one signed root, which wait meanwhile (held_shreds.h). So forged first shreds, each with
// its own signature, cost their hashes (2 us) and honest sets still come through, a few shreds later.
//
// Invariants
//   1. Nothing is accepted without a proof up to a root; no root without a verified signature, unless
//      the configuration gives no leaders at all.
//   2. A (slot, set) that is in the table never takes members of a second root.
//   3. A set completes at most once while it is remembered (max_open_sets + history sets).
//   4. Every payload ends under exactly one of accepted, duplicate, late, rejected{reason}, or is held:
//      added = accepted + duplicates + late + held + sum of rejected, at any time. One that was torn
//      (incoming.h) changes and counts nothing: it is its link's loss.
//   5. Memory is fixed at construction; add() allocates nothing and, but for the observer, calls nothing.
//   6. An accepted shred's bytes are copied once, from the payload to the set's memory (twice when it was
//   held).
//      Bytes given to the observer stay as they are until reuse_after further sets ended.
//
// Thread safety: one resolver, one thread; counters() may be read from any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/metrics/counters.h"
#include "engine/shred/held_shreds.h"
#include "engine/shred/incoming.h"
#include "engine/shred/leader_schedule.h"
#include "engine/shred/merkle.h"
#include "engine/shred/negative_cache.h"
#include "engine/shred/parse.h"
#include "engine/shred/rules.h"
#include "engine/shred/set_recovery.h"
#include "engine/shred/set_table.h"

namespace penstock {

enum class ShredChecks : std::uint8_t {
  kFull,
  // Step 1 of the order above and nothing else: what passes is accepted. No duplicates are found, no sets
  // assembled, the observer hears nothing. For rate runs, never for traffic that anybody could send.
  kCheap,
};

struct FecResolverConfig {
  ShredChecks checks = ShredChecks::kFull;
  RuleMode mode = RuleMode::kCompat;
  RuleLimits limits{};
  std::optional<std::uint16_t> version{};  // of the cluster; none: any
  // The last rooted slot. None: the window begins at the slot of the first set that opens.
  std::optional<std::uint64_t> root{};
  // Moves the root so many slots behind the highest slot of a finished set, never back. For testbeds and
  // captures, where nobody says what is rooted: a leader can push the window as far as his own slots go.
  std::optional<std::uint64_t> follow_slots{};
  std::uint64_t slots_ahead = 216'000;  // how far the window reaches: half an epoch, as Agave's

  std::size_t max_open_sets = 2048;
  std::size_t reuse_after = 512;      // finished or dropped sets until memory is used again
  std::size_t history = 32'768;       // finished sets that are remembered, at least reuse_after
  std::size_t held_sets = 4096;       // candidates that wait while there is no credit
  std::size_t negative_cells = 8192;  // remembered bad signatures, a power of two
  std::uint32_t signature_credit = 256;
  std::uint64_t hash_seed = 0;  // secret and random where the network is not trusted
};

enum class ShredOutcome : std::uint8_t {
  kAccepted,
  kDuplicate,
  kLate,
  kHeld,
  kRejected,
  kTorn,  // overwritten before it was read to the end: not counted here
};

struct AddResult {
  ShredOutcome outcome = ShredOutcome::kRejected;
  RejectReason reason = RejectReason::kNone;  // set when rejected
};

// An accepted shred; bytes lie in the set's memory.
struct AcceptedShred {
  ShredHeader header;
  std::span<const std::byte> bytes;
  const SetRecord& set;
};

// A set all of whose 64 shreds are there: set.seen says which came, the others were rebuilt.
struct FinishedSet {
  const SetRecord& set;
  const SetMemory& memory;
  bool follows_rule_8;

  std::span<const std::byte> member(std::size_t i) const {
    return memory.member(i, layout_of(set.variant_of(i)).total);
  }
};

// Two roots for one (slot, set), both signed by the leader: the proof of equivocation.
struct Equivocation {
  const SetRecord& set;               // the set that was there first
  std::span<const std::byte> first;   // a shred of it; empty when its memory was used again
  std::span<const std::byte> second;  // a shred of the other; valid during the call
  MerkleHash second_root;
};

// What the resolver tells its owner, from inside add().
class ResolverObserver {
 public:
  virtual ~ResolverObserver() = default;
  virtual void on_accepted(const AcceptedShred&) {}
  // A member of a finished set that came late, compared with the rebuilt bytes where they are still there.
  virtual void on_late(const SetRecord& set, const ShredHeader& header) { (void)set, (void)header; }
  virtual void on_finished(const FinishedSet&) {}
  virtual void on_failed(const SetRecord&) {}   // 32 members that contradict their root or each other
  virtual void on_dropped(const SetRecord&) {}  // pushed out before it had 32
  virtual void on_equivocation(const Equivocation&) {}
};

// The resolver's counters as plain numbers (metrics/counter_table.h says what each counts).
struct ResolverCounts {
  explicit ResolverCounts(const CounterSnapshot& snapshot);

  std::uint64_t added = 0;  // consumed
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t late = 0;
  std::uint64_t held = 0;                                // waiting now
  std::array<std::uint64_t, kRejectReasons> rejected{};  // indexed by RejectReason
  std::uint64_t trailing_bytes = 0;
  std::uint64_t signature_checks = 0;
  std::uint64_t negative_hits = 0;
  std::uint64_t sets_opened = 0;
  std::uint64_t sets_finished = 0;
  std::uint64_t sets_failed = 0;
  std::uint64_t sets_dropped = 0;
  std::uint64_t equivocations = 0;
  std::uint64_t rule_8_broken = 0;

  std::uint64_t rejected_for(RejectReason reason) const { return rejected[static_cast<std::size_t>(reason)]; }
  // What must equal `added` at any time (invariant 4).
  std::uint64_t accounted() const;
};

class FecResolver {
 public:
  // Distinct members under one root that a set must show for a signature check without credit.
  static constexpr std::size_t kProvingMembers = HeldShreds::kShredsPerEntry + 1;
  static constexpr std::uint32_t kAcceptedPerCredit = 64;

  // `leaders`: null means that signatures cannot be checked and the first root of a (slot, set) is
  // believed. `observer` and `repair` may be null. All must outlive the resolver.
  FecResolver(const FecResolverConfig& config, const LeaderSchedule* leaders, ResolverObserver* observer,
              RepairRequests* repair = nullptr);
  FecResolver(const FecResolver&) = delete;
  FecResolver& operator=(const FecResolver&) = delete;

  // A payload from the turbine port.
  AddResult add(std::span<const std::byte> payload);
  AddResult add(Incoming& payload);
  // The same as add(), but a later shred of an open set may be left waiting, proven by nothing, until the
  // next one comes: the leaves of two are hashed together, in less than twice the time of one (sha256.h).
  // Outcomes and observed events, and their order, are those of add(); what waits is counted when it is
  // taken. The payload may go when push() returns. Every other call that takes shreds or moves the window
  // flushes first.
  void push(std::span<const std::byte> payload);
  void push(Incoming& payload);
  void flush();

  // A payload from the repair port: a shred and its nonce. Without RepairRequests no nonce is checked.
  AddResult add_repair(std::span<const std::byte> payload);
  AddResult add_repair(Incoming& payload);

  // Moves the window: sets of slots up to the root are dropped.
  void set_root(std::uint64_t slot);

  // Any thread may take a snapshot. The resolver's owner may count here too, what is its own.
  Counters& counters() { return counters_; }
  const Counters& counters() const { return counters_; }
  ResolverCounts counts() const { return ResolverCounts(counters_.snapshot()); }
  std::size_t open_sets() const { return table_.open_sets(); }

 private:
  // A shred on its way through the checks.
  struct Arrival {
    const ShredHeader& header;
    ShredLayout layout;
    std::uint64_t bit;  // of its member
    Incoming& payload;

    std::uint32_t member() const { return header.member(); }
  };

  // Where a shred goes, as far as its head and what is known tell.
  struct Route {
    RejectReason reason = RejectReason::kNone;  // of a rejection, and nothing else
    SetRecord* known = nullptr;                 // the set of its place
    bool by_its_signature = false;
    bool joins = false;  // has to prove itself to that set, which is open and has not seen it
  };

  // A shred whose bytes are in its set's memory, and which waits for its proof.
  struct Waiting {
    SetRecord* record = nullptr;  // null: nobody waits
    ParsedShred parsed{};
    ShredLayout layout{};
    std::span<const std::byte> bytes{};
  };

  AddResult finish(AddResult result, const ParsedShred& parsed, Incoming& payload);
  AddResult count(AddResult result, const ParsedShred& parsed);
  // Changes nothing.
  Route route_of(const ParsedShred& parsed, const Incoming& payload);
  AddResult take(const Route& route, const ParsedShred& parsed, Incoming& payload);
  AddResult tally(AddResult result);
  RejectReason check_header(const ShredHeader& header) const;
  bool in_window(const ShredHeader& header) const;

  AddResult add_to_set(SetRecord& record, const Arrival& shred);
  AddResult add_late(SetRecord& record, const Arrival& shred);
  // The shred's bytes are in the set's memory, and this is their leaf.
  AddResult join(SetRecord& record, const ShredHeader& header, const ShredLayout& layout,
                 std::span<const std::byte> bytes, const MerkleHash& leaf);
  bool proves(const SetRecord& record, SetMemory& memory, std::uint32_t member, const ShredLayout& layout,
              std::span<const std::byte> bytes, const MerkleHash& leaf);
  bool complete(SetRecord& record, SetMemory& memory);
  void end_complete(const SetRecord& record, const SetMemory& memory);

  bool goes_with_waiting(const SetRecord& record, const ShredHeader& header) const;
  void take_with_waiting(const Waiting& second);

  AddResult add_candidate(SetRecord* known, const Arrival& shred, const std::optional<PublicKey>& leader);
  AddResult hold(const HeldKey& key, HeldShreds::Entry* entry, const Arrival& shred,
                 std::span<const std::byte> bytes);
  void release(HeldShreds::Entry* entry, SetRecord* record, RejectReason otherwise);
  SetRecord& open_set(const HeldKey& key, std::uint8_t variant);
  AddResult report_conflict(SetRecord& known, const MerkleHash& root, std::span<const std::byte> second);

  FecResolverConfig config_;
  const LeaderSchedule* leaders_;
  ResolverObserver* observer_;
  RepairRequests* repair_;
  ResolverObserver silent_;

  std::optional<std::uint64_t> first_slot_;  // of the window when no root is given
  MerkleHasher hasher_;
  SetTable table_;
  SetRecovery recovery_;
  HeldShreds held_;
  NegativeCache bad_signatures_;
  std::uint32_t credit_;
  std::uint32_t accepted_since_credit_ = 0;
  Waiting waiting_;
  Counters counters_;
};

}  // namespace penstock
