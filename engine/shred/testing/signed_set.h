// Makes one valid signed FEC set for tests, with places to spoil it before it is coded or signed, so that
// only the check under test can object. Written apart from the leader in sim/workload: engine does not
// depend on sim, and two makers do not share a mistake.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "engine/shred/merkle.h"
#include "engine/shred/signature.h"

namespace penstock::testing {

struct SetPlan {
  std::uint64_t slot = 1000;
  std::uint32_t fec_set_index = 0;
  std::uint16_t version = 1;
  std::uint16_t parent_offset = 1;
  std::uint8_t flags_of_last = 0;
  bool resigned = false;
  MerkleHash chained_root{};
  std::uint64_t seed = 0;  // of the payload bytes
  unsigned leader = 0;     // which of the test leaders signs
  // Called for each data shred before coding, and for each of the 64 after coding and before hashing.
  std::function<void(std::size_t member, std::vector<std::byte>& shred)> before_coding{};
  std::function<void(std::size_t member, std::vector<std::byte>& shred)> before_hashing{};
};

struct SignedSet {
  std::array<std::vector<std::byte>, 64> shreds;  // data 0..31, code 32..63
  MerkleHash root{};
  Signature signature{};
};

SignedSet make_signed_set(const SetPlan& plan);

KeyPair test_leader(unsigned number);

}  // namespace penstock::testing
