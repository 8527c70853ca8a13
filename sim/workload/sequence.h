// Numbered datagrams: how runs at high rates are judged. A digest of every payload costs most of a
// microsecond; a number in each costs a bit, and says which ones are missing.
//
// Each whole UDP datagram of a workload with room for it carries a mark and its frame's number at a fixed
// place of the payload, behind the headers of a data or code shred (88 and 89 bytes), so that a shred-shaped
// payload passes the checks that need no cryptography as before. The UDP checksum stays right, or as wrong as
// it was. Signed shreds cannot carry numbers: their bytes are signed.
//
//   bytes 96..103    kSequenceMark, little-endian
//   bytes 104..111   number of the frame in the workload, from 0, little-endian
//
// Thread safety: none; one tally, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/workload/oracle.h"
#include "sim/workload/workload.h"

namespace penstock {

inline constexpr std::size_t kSequenceOffset = 96;
inline constexpr std::size_t kSequenceEnd = kSequenceOffset + 16;
inline constexpr std::uint64_t kSequenceMark = 0x6b636f7473'6e6550;  // "Penstock"

// Writes the numbers into the workload's own memory; the frames must be in their final order. Returns how
// many got one. IPv4 without options, not fragmented, the UDP datagram whole in the frame; others stay as
// they are.
std::uint64_t number_datagrams(Workload& workload);

// Datagrams with room for a number get none for a UDP checksum (0: not computed), so that a sender may write
// the time of sending into them (sim/replay/stamp.h).
void drop_checksums(Workload& workload);

// Whether a payload carries a number.
bool has_number(std::span<const std::byte> payload);

// Which numbers came, and how often. Memory: a bit a frame of the workload, twice.
class SequenceTally {
 public:
  // `frames` of the workload: numbers from there on are foreign.
  explicit SequenceTally(std::uint64_t frames);

  void add(std::span<const std::byte> payload);

  std::uint64_t count() const { return count_; }            // payloads added
  std::uint64_t unnumbered() const { return unnumbered_; }  // without the mark
  std::uint64_t foreign() const { return foreign_; }        // with a number that the workload does not have
  std::uint64_t repeated() const { return repeated_; }      // with a number that had come before
  bool came(std::uint64_t number) const { return (bits_[number / 64] >> (number % 64) & 1) != 0; }
  std::uint64_t frames() const { return frames_; }

  bool operator==(const SequenceTally&) const = default;

 private:
  std::uint64_t frames_;
  std::vector<std::uint64_t> bits_;
  std::uint64_t count_ = 0, unnumbered_ = 0, foreign_ = 0, repeated_ = 0;
};

// What a receiver of the workload must be given, as the oracle judges its frames; `slow`: also what only the
// companion socket gets. Fails for a workload with fragments, whose numbers are no evidence.
Result<SequenceTally> expected_sequence(const Workload& workload, const Oracle& oracle, bool slow,
                                        std::size_t max_payload);

// What differs, in words ("12 missing in 3 gaps, the first 345; 1 twice"); empty when nothing does.
std::string difference(const SequenceTally& found, const SequenceTally& expected);

}  // namespace penstock
