// The content_digest: what a host of a Turbine tree knows in the end, whichever way it came. Two hosts that
// have the same shreds have the same digest, though one got them over other hops and had to rebuild some.
//
// A multiset digest (engine/packet/digest.h) of one element a shred:
//   SHA-256(length u32, network order | the shred, with the 64 bytes of a retransmitter's signature as zeros)
// That signature is each hop's own, covers nothing that the leader signed, and cannot be rebuilt.
//
// Thread safety: none; one digest, one thread. No allocation after the first shred.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "engine/packet/digest.h"
#include "engine/shred/fec_resolver.h"

namespace penstock {

class ContentDigest {
 public:
  // A shred as parse_shred() takes it, without bytes behind it. REQUIRES: a chained Merkle variant.
  void add(std::span<const std::byte> shred);

  std::uint64_t shreds() const { return digest_.count(); }
  std::string to_string() const { return digest_.to_string(); }
  bool operator==(const ContentDigest&) const = default;

 private:
  MultisetDigest digest_;
};

// The digest of all shreds of the FEC sets that a resolver finished, those that it rebuilt included, and how
// many of them did not come by themselves in the end.
class ContentRecorder final : public ResolverObserver {
 public:
  void on_finished(const FinishedSet& set) override;
  void on_late(const SetRecord& set, const ShredHeader& header) override;

  const ContentDigest& digest() const { return digest_; }
  std::uint64_t sets() const { return sets_; }
  // Of these, the sets all of whose shreds have come, late ones included.
  std::uint64_t complete_sets() const { return complete_sets_; }
  // Shreds of finished sets that have not come so far: a late one comes off.
  std::uint64_t never_came() const { return never_came_; }

 private:
  ContentDigest digest_;
  std::uint64_t sets_ = 0;
  std::uint64_t complete_sets_ = 0;
  std::uint64_t never_came_ = 0;
};

}  // namespace penstock
