// First shreds of sets whose signature was not checked yet: while forgeries flood in, a set must show
// several members under one root before it is worth an Ed25519 check (fec_resolver.h says when). Here
// they wait.
//
// Invariants
//   1. All shreds of an entry have the same (slot, set, signature, root): each was hashed up to that
//      root, so a forger cannot add to, or fill, an honest set's entry.
//   2. Bounded: a new entry pushes out the one that was touched least recently. Members of an honest set
//      come within milliseconds of each other, so the set survives unless the flood replaces the whole
//      table between two of its members.
//
// Thread safety: none. No allocation after construction. The caller owns no memory here: an Entry& is
// valid until the next open() or remove().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/shred/fixed_map.h"
#include "engine/shred/merkle.h"
#include "engine/shred/set_key.h"
#include "engine/shred/signature.h"

namespace penstock {

struct HeldKey {
  SetKey set;
  Signature signature{};
  MerkleHash root{};

  bool operator==(const HeldKey&) const = default;
};

std::uint64_t hash_of(const HeldKey& key, std::uint64_t seed);

class HeldShreds {
 public:
  static constexpr std::size_t kShredsPerEntry = 3;

  struct Entry {
    HeldKey key;
    std::uint64_t members = 0;  // bit = ShredHeader::member()
    std::size_t count = 0;
    std::array<std::array<std::byte, kMaxShredSize>, kShredsPerEntry> shreds;
    std::uint32_t older = 0;  // neighbours in the order of touching
    std::uint32_t newer = 0;
  };

  HeldShreds(std::size_t entries, std::uint64_t seed);

  // The entry of `key`, made the most recently touched one; null when there is none.
  Entry* touch(const HeldKey& key);

  // A new entry for `key`, which must have none. Returns in `*pushed_out` how many shreds were lost with
  // the entry that had to go, 0 when there was room.
  Entry& open(const HeldKey& key, std::size_t* pushed_out);

  // Adds a member that is not in the entry yet; the entry must have room.
  static void add(Entry& entry, std::uint32_t member, std::span<const std::byte> shred);

  void remove(Entry& entry);

 private:
  void link_newest(std::uint32_t index);
  void unlink(std::uint32_t index);

  std::uint32_t sentinel() const { return static_cast<std::uint32_t>(size_); }

  std::size_t size_;
  std::unique_ptr<Entry[]> entries_;  // one more than size_: the ends of the ring
  std::vector<std::uint32_t> free_;
  FixedMap<HeldKey> map_;
};

}  // namespace penstock
