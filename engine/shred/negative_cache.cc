// A direct-mapped table of exact keys.
#include "engine/shred/negative_cache.h"

#include <bit>
#include <cstring>

#include "engine/base/check.h"
#include "engine/shred/set_key.h"

namespace penstock {

NegativeCache::NegativeCache(std::size_t cells, std::uint64_t seed) : seed_(seed), cells_(cells) {
  PENSTOCK_CHECK(std::has_single_bit(cells));
}

std::size_t NegativeCache::place(const Cell& cell) const {
  std::uint64_t signature;
  std::uint64_t root;
  std::memcpy(&signature, cell.signature.data(), sizeof(signature));
  std::memcpy(&root, cell.root.data(), sizeof(root));
  return mix(mix(signature ^ seed_) ^ root) & (cells_.size() - 1);
}

bool NegativeCache::contains(const Signature& signature, const MerkleHash& root,
                             const PublicKey& leader) const {
  const Cell cell{signature, root, leader};
  return cells_[place(cell)] == cell;
}

void NegativeCache::insert(const Signature& signature, const MerkleHash& root, const PublicKey& leader) {
  const Cell cell{signature, root, leader};
  cells_[place(cell)] = cell;
}

}  // namespace penstock
