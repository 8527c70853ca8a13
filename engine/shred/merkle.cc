// SHA-256 through OpenSSL with everything that can be prepared prepared: the algorithm is fetched
// once and the context reused, which halves the cost of a small hash.
#include "engine/shred/merkle.h"

#include <algorithm>
#include <cstring>

#include <openssl/evp.h>

#include "engine/base/check.h"

namespace penstock {
namespace {

constexpr std::size_t kPrefixSize = 26;
constexpr char kLeafPrefix[] = "\0SOLANA_MERKLE_SHREDS_LEAF";
constexpr char kNodePrefix[] = "\1SOLANA_MERKLE_SHREDS_NODE";
static_assert(sizeof(kLeafPrefix) == kPrefixSize + 1 && sizeof(kNodePrefix) == kPrefixSize + 1);

}  // namespace

void MerkleHasher::FreeContext::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}
void MerkleHasher::FreeAlgorithm::operator()(evp_md_st* algorithm) const {
  EVP_MD_free(algorithm);
}

MerkleHasher::MerkleHasher() : sha256_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
  PENSTOCK_CHECK(sha256_ != nullptr && context_ != nullptr);
  PENSTOCK_CHECK(EVP_DigestInit_ex2(context_.get(), sha256_.get(), nullptr) == 1);
}

MerkleHash MerkleHasher::leaf(std::span<const std::byte> input) {
  MerkleHash hash;
  // A null algorithm starts the context's own one again.
  const bool done =
      EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1 &&
      EVP_DigestUpdate(context_.get(), kLeafPrefix, kPrefixSize) == 1 &&
      EVP_DigestUpdate(context_.get(), input.data(), input.size()) == 1 &&
      EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(hash.data()), nullptr) == 1;
  PENSTOCK_CHECK(done);
  return hash;
}

MerkleHash MerkleHasher::node(ProofEntry left, ProofEntry right) {
  std::array<std::byte, kPrefixSize + 2 * kProofEntrySize> input;
  std::memcpy(input.data(), kNodePrefix, kPrefixSize);
  std::memcpy(input.data() + kPrefixSize, left.data(), kProofEntrySize);
  std::memcpy(input.data() + kPrefixSize + kProofEntrySize, right.data(), kProofEntrySize);
  MerkleHash hash;
  const bool done =
      EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1 &&
      EVP_DigestUpdate(context_.get(), input.data(), input.size()) == 1 &&
      EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(hash.data()), nullptr) == 1;
  PENSTOCK_CHECK(done);
  return hash;
}

bool MerkleHasher::fold(const MerkleHash& leaf, std::uint32_t index, std::span<const std::byte> proof,
                        MerkleHash& root) {
  const std::size_t length = proof.size() / kProofEntrySize;
  PENSTOCK_CHECK(length < 32 && proof.size() == length * kProofEntrySize);
  if (index >> length != 0) return false;
  root = leaf;
  for (std::size_t level = 0; level < length; ++level, index >>= 1) {
    const ProofEntry sibling = proof.subspan(level * kProofEntrySize).first<kProofEntrySize>();
    root = (index & 1) != 0 ? node(sibling, proof_entry(root)) : node(proof_entry(root), sibling);
  }
  return true;
}

void MerkleTree::build(MerkleHasher& hasher) {
  for (std::size_t parent = kLeaves; parent < kNodes; ++parent) {
    const std::size_t child = 2 * (parent - kLeaves);
    nodes_[parent] = hasher.node(proof_entry(nodes_[child]), proof_entry(nodes_[child + 1]));
  }
}

void MerkleTree::write_proof(std::size_t index, std::span<std::byte> proof) const {
  PENSTOCK_CHECK(index < kLeaves && proof.size() >= kFecProofLength * kProofEntrySize);
  for (unsigned level = 0; level < kFecProofLength; ++level, index >>= 1) {
    const MerkleHash& sibling = node(level, index ^ 1);
    std::copy_n(sibling.begin(), kProofEntrySize,
                proof.begin() + static_cast<std::ptrdiff_t>(level * kProofEntrySize));
  }
}

}  // namespace penstock
