// Evidence for a broken law 1: which frames of the workload make the difference between what a path did and
// what the ledger says, found by the names of elements in the digests.
//
// Thread safety: pure functions over their arguments.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "sim/workload/oracle.h"
#include "sim/workload/workload.h"

namespace penstock {

// What a run found, each datagram and frame by its name (MultisetDigest::add_datagram, add_frame).
struct FoundElements {
  std::vector<std::uint64_t> delivered;
  std::vector<std::uint64_t> host;
  bool has_slow_way = false;
  bool takes_unchecked = true;  // frames that only their UDP checksum speaks against
  bool host_is_whole = false;   // whether a frame missing in `host` means anything
};

enum class DifferenceKind : std::uint8_t {
  kNotDelivered,
  kDeliveredAnyway,  // more often than the ledger says, or against it
  kNotSeenByHost,
  kSeenByHostAnyway,
};

std::string_view to_string(DifferenceKind kind);

struct Difference {
  std::size_t frame = 0;  // its number in the workload; of a datagram in fragments the last one
  DifferenceKind kind = DifferenceKind::kNotDelivered;
};

struct Differences {
  std::vector<Difference> frames;  // in order of their numbers
  std::uint64_t unexplained = 0;   // elements found that no frame of the workload makes
  bool none() const { return frames.empty() && unexplained == 0; }
};

Differences find_differences(const Workload& workload, const Oracle& oracle, std::size_t max_payload,
                             const FoundElements& found);

// One frame in a line: kind and time, headers in words, the first bytes in hexadecimal.
std::string describe(const TimedFrame& frame);

// "frame 17 was not delivered: ...", of the first one; empty when there is none.
std::string first_of(const Differences& differences, const Workload& workload);

// Writes the differing frames, one capture a kind, as DIR/PATH.KIND.pcap, and DIR/PATH.differences.txt.
Status write_evidence(const Differences& differences, const Workload& workload, const std::string& path,
                      const std::filesystem::path& directory);

}  // namespace penstock
