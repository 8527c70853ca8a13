// Where a workload's shreds come from: a source gives one FEC set after the other, in the order in which
// a leader makes them. UnsignedSource (unsigned_source.h) makes shred-shaped bytes; LeaderSource
// (leader_source.h) makes real ones, signed and with parity.
//
// Thread safety: none; one source, one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/result.h"

namespace penstock {

inline constexpr std::size_t kDataShredsInSet = 32;
inline constexpr std::size_t kShredsInSet = 64;
inline constexpr std::size_t kDataShredBytes = 1203;
inline constexpr std::size_t kCodeShredBytes = 1228;
inline constexpr std::size_t kRetransmitterSignatureBytes = 64;  // the last bytes of a resigned shred

// One 32:32 set. Members 0..31 are the data shreds, 32..63 the code shreds, in order of their index.
struct FecSet {
  std::uint64_t slot = 0;
  std::uint32_t fec_set_index = 0;
  bool resigned = false;  // the last 64 bytes of each member are a retransmitter's signature
  std::array<std::array<std::byte, kCodeShredBytes>, kShredsInSet> storage{};

  static constexpr std::size_t member_bytes(std::size_t member) {
    return member < kDataShredsInSet ? kDataShredBytes : kCodeShredBytes;
  }
  std::span<const std::byte> member(std::size_t i) const {
    return std::span(storage[i]).first(member_bytes(i));
  }
  std::span<std::byte> member(std::size_t i) { return std::span(storage[i]).first(member_bytes(i)); }
};

// One set of each kind, for what is made out of shreds: hostile ones, repair responses.
struct SampleSets {
  FecSet chained{};
  FecSet resigned{};
};

// What only the leader can make: spoiled_sets.h says what each is.
enum class SpoiledSet : std::uint8_t { kDouble, kInconsistentParity };

class ShredSource {
 public:
  virtual ~ShredSource() = default;
  // Overwrites `*set` with the next set of the run. A source that reads a file fails at its end.
  virtual Status next_set(FecSet* set) = 0;

  // Makes a spoiled set out of a good one of this source. Fails where there is no leader's key.
  virtual Status spoiled_set(SpoiledSet kind, const FecSet& good, std::uint32_t number, FecSet* set) {
    (void)kind, (void)good, (void)number, (void)set;
    return fail("make a set that only a leader can sign: these shreds have none", 0, "use signed shreds");
  }
};

}  // namespace penstock
