// A table of entries in a ring ordered by last touch.
#include "engine/shred/held_shreds.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"

namespace penstock {

std::uint64_t hash_of(const HeldKey& key, std::uint64_t seed) {
  std::uint64_t signature;
  std::uint64_t root;
  std::memcpy(&signature, key.signature.data(), sizeof(signature));
  std::memcpy(&root, key.root.data(), sizeof(root));
  return mix(mix(signature ^ seed) ^ root);
}

// Entries are not cleared: pages of a table that never fills are never touched.
HeldShreds::HeldShreds(std::size_t entries, std::uint64_t seed)
    : size_(entries), entries_(new Entry[entries + 1]), map_(entries, seed) {
  PENSTOCK_CHECK(entries > 0);
  entries_[sentinel()].older = entries_[sentinel()].newer = sentinel();
  for (std::size_t i = entries; i > 0; --i)
    free_.push_back(static_cast<std::uint32_t>(i - 1));
}

HeldShreds::Entry* HeldShreds::touch(const HeldKey& key) {
  const std::uint32_t* index = map_.find(key);
  if (!index) return nullptr;
  unlink(*index);
  link_newest(*index);
  return &entries_[*index];
}

HeldShreds::Entry& HeldShreds::open(const HeldKey& key, std::size_t* pushed_out) {
  *pushed_out = 0;
  if (free_.empty()) {
    Entry& oldest = entries_[entries_[sentinel()].newer];
    *pushed_out = oldest.count;
    remove(oldest);
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  map_.insert(key, index);
  link_newest(index);
  Entry& entry = entries_[index];
  entry.key = key;
  entry.members = 0;
  entry.count = 0;
  return entry;
}

void HeldShreds::add(Entry& entry, std::uint32_t member, std::span<const std::byte> shred) {
  PENSTOCK_CHECK(entry.count < kShredsPerEntry && shred.size() <= kMaxShredSize);
  PENSTOCK_CHECK((entry.members >> member & 1) == 0);
  std::copy(shred.begin(), shred.end(), entry.shreds[entry.count].begin());
  entry.members |= std::uint64_t{1} << member;
  ++entry.count;
}

void HeldShreds::remove(Entry& entry) {
  const auto index = static_cast<std::uint32_t>(&entry - entries_.get());
  map_.erase(entry.key);
  unlink(index);
  free_.push_back(index);
}

// The ring runs from the sentinel's `newer`, the oldest entry, to its `older`, the newest.
void HeldShreds::link_newest(std::uint32_t index) {
  Entry& ends = entries_[sentinel()];
  entries_[index].older = ends.older;
  entries_[index].newer = sentinel();
  entries_[ends.older].newer = index;
  ends.older = index;
}

void HeldShreds::unlink(std::uint32_t index) {
  Entry& entry = entries_[index];
  entries_[entry.older].newer = entry.newer;
  entries_[entry.newer].older = entry.older;
}

}  // namespace penstock
