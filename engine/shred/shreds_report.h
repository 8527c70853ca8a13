// What is in a capture, by way of the real resolver: the core of `penstock shreds --pcap`.
//
// Which frames count: IPv4/UDP that bpf/classify.h finds well formed, to the given port or to any. Unlike
// the receiver it does not mind addresses: captures are often taken on `lo`, or were rewritten. Other
// frames are counted by the classifier's reason.
//
// Memory grows with the number of FEC sets and slots in the capture. Signature checks have no credit
// limit unless the options ask for it, so no shred is held back. Thread safety: none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "engine/base/result.h"
#include "engine/shred/fec_resolver.h"

namespace penstock {

struct ShredsReportOptions {
  std::optional<std::uint16_t> port{};     // none: every UDP port
  std::optional<PublicKey> leader{};       // none: sets are unverified, not rejected
  std::optional<std::uint16_t> version{};  // none: any
  std::optional<std::uint64_t> root{};     // none: the window begins at the first set
  RuleMode mode = RuleMode::kCompat;
  RuleLimits limits{};
  ShredChecks checks = ShredChecks::kFull;  // kCheap: no sets in the report
  bool limit_checks = false;                // as the shred tile does: hold candidates back during a flood
};

struct ReportedSet {
  enum class State : std::uint8_t {
    kComplete,    // all 64 distinct members came, late ones included
    kRecovered,   // 32 to 63 came, and the rebuilt set has the signed root
    kIncomplete,  // fewer, or the set contradicts itself
  };

  std::uint64_t slot = 0;
  std::uint32_t fec_set_index = 0;
  MerkleHash root{};
  State state = State::kIncomplete;
  std::uint32_t members = 0;   // distinct ones that came
  bool contradicts = false;    // 32 members were there, and it could not be rebuilt
  bool follows_rule_8 = true;  // only known of rebuilt sets
};

// Two signed roots for one (slot, set); without a leader, just two roots.
struct ReportedConflict {
  std::uint64_t slot = 0;
  std::uint32_t fec_set_index = 0;
  MerkleHash first_root{};
  MerkleHash second_root{};
};

struct ShredsReport {
  std::uint64_t frames = 0;
  std::map<std::string, std::uint64_t> passed;       // frames that are no shreds' business, by reason
  bool verified = false;                             // a leader was given
  std::map<std::uint8_t, std::uint64_t> by_variant;  // shreds not rejected: accepted, duplicate, late
  std::map<std::uint64_t, std::uint64_t> by_slot;    // the same
  ResolverCounts counts{CounterSnapshot{}};
  std::vector<ReportedSet> sets;  // by slot, index, root
  std::vector<ReportedConflict> conflicts;

  std::uint64_t sets_in(ReportedSet::State state) const;
  // One JSON object; docs of its keys are in shreds_report.cc beside the code that writes them.
  std::string to_json() const;
};

// Builds the report payload by payload.
class ShredsReporter final : public ResolverObserver {
 public:
  explicit ShredsReporter(const ShredsReportOptions& options);

  // A turbine payload.
  AddResult add(std::span<const std::byte> payload) { return count(payload, resolver_.add(payload)); }
  // A payload from a repair port; no nonce is checked.
  AddResult add_repair(std::span<const std::byte> payload) {
    return count(payload, resolver_.add_repair(payload));
  }
  // Any Ethernet frame.
  void add_frame(std::span<const std::byte> frame);

  ShredsReport report() const;
  const Counters& counters() const { return resolver_.counters(); }

  void on_accepted(const AcceptedShred& shred) override;
  void on_late(const SetRecord& set, const ShredHeader& header) override;
  void on_finished(const FinishedSet& set) override;
  void on_failed(const SetRecord& set) override;
  void on_equivocation(const Equivocation& equivocation) override;

 private:
  struct Progress {
    std::uint64_t seen = 0;
    bool rebuilt = false;
    bool failed = false;
    bool follows_rule_8 = true;
  };
  using SetId = std::tuple<SetKey, MerkleHash>;

  AddResult count(std::span<const std::byte> payload, AddResult result);
  Progress& progress_of(const SetRecord& set);

  std::vector<std::uint8_t> ports_;  // by port, 1: counts
  std::optional<FixedLeader> leader_;
  FecResolver resolver_;
  std::map<SetId, Progress> sets_;
  ShredsReport partial_;
};

// Reads the capture and reports. Refuses what next_whole_frame() refuses.
Result<ShredsReport> report_shreds(const std::filesystem::path& capture, const ShredsReportOptions& options);

}  // namespace penstock
