// Cutting a message into blocks without copying it: only its first and last blocks are put together.
#include "engine/shred/sha256.h"

#define OPENSSL_SUPPRESS_DEPRECATED  // SHA256_Init and its kin; sha256.h says why
#include <cpuid.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include <openssl/sha.h>

#include "engine/base/check.h"
#include "engine/shred/sha256_blocks.h"

namespace penstock {
namespace {

// A message as runs of whole blocks: `first` (prefix and the input's beginning), the input's middle where it
// lies, and `last` (its end, the padding and the length).
struct Message {
  std::array<std::byte, kSha256Block> first;
  const std::byte* middle = nullptr;
  std::size_t middle_blocks = 0;
  std::array<std::byte, 2 * kSha256Block> last{};
  std::size_t last_blocks = 0;
};

constexpr std::size_t kInputInFirst = kSha256Block - Sha256::kPrefixSize;

// REQUIRES: input.size() >= kInputInFirst.
void cut(Message& message, Sha256::Prefix prefix, Sha256::Input input) {
  std::memcpy(message.first.data(), prefix.data(), prefix.size());
  std::memcpy(message.first.data() + prefix.size(), input.data(), kInputInFirst);
  const std::uint64_t bits = 8 * (prefix.size() + input.size());
  input = input.subspan(kInputInFirst);
  message.middle = input.data();
  message.middle_blocks = input.size() / kSha256Block;
  input = input.subspan(message.middle_blocks * kSha256Block);
  std::memcpy(message.last.data(), input.data(), input.size());
  message.last[input.size()] = std::byte{0x80};
  message.last_blocks = input.size() + 9 <= kSha256Block ? 1 : 2;
  const std::uint64_t big_endian = __builtin_bswap64(bits);
  std::memcpy(message.last.data() + message.last_blocks * kSha256Block - 8, &big_endian, 8);
}

void write(const Sha256State& state, Sha256::Hash& out) {
  for (std::size_t i = 0; i < state.size(); ++i) {
    const std::uint32_t big_endian = __builtin_bswap32(state[i]);
    std::memcpy(out.data() + 4 * i, &big_endian, sizeof(big_endian));
  }
}

void hash_by_openssl(Sha256::Prefix prefix, Sha256::Input input, Sha256::Hash& out) {
  SHA256_CTX context;
  const bool done = SHA256_Init(&context) == 1 &&
                    SHA256_Update(&context, prefix.data(), prefix.size()) == 1 &&
                    SHA256_Update(&context, input.data(), input.size()) == 1 &&
                    SHA256_Final(reinterpret_cast<unsigned char*>(out.data()), &context) == 1;
  PENSTOCK_CHECK(done);
}

}  // namespace

bool Sha256::processor_has_sha() {
  static const bool kHas = [] {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b >> 29 & 1) != 0 &&
           __builtin_cpu_supports("avx") != 0;
  }();
  return kHas;
}

Sha256::Sha256(Engine engine) : instructions_(engine == Engine::kBest && processor_has_sha()) {}

void Sha256::hash(Prefix prefix, Input input, Hash& out) {
  if (!instructions_ || input.size() < kInputInFirst) {
    hash_by_openssl(prefix, input, out);
    return;
  }
  Message message;
  cut(message, prefix, input);
  Sha256State state = kSha256Initial;
  sha256_blocks(state, message.first.data(), 1);
  sha256_blocks(state, message.middle, message.middle_blocks);
  sha256_blocks(state, message.last.data(), message.last_blocks);
  write(state, out);
}

void Sha256::hash_pair(Prefix prefix, Input a, Input b, Hash& out_a, Hash& out_b) {
  if (!instructions_ || std::min(a.size(), b.size()) < kInputInFirst) {
    hash_by_openssl(prefix, a, out_a);
    hash_by_openssl(prefix, b, out_b);
    return;
  }
  Message of_a, of_b;
  cut(of_a, prefix, a);
  cut(of_b, prefix, b);
  Sha256State state_a = kSha256Initial;
  Sha256State state_b = kSha256Initial;
  sha256_blocks_of_two(state_a, of_a.first.data(), state_b, of_b.first.data(), 1);
  const std::size_t both = std::min(of_a.middle_blocks, of_b.middle_blocks);
  sha256_blocks_of_two(state_a, of_a.middle, state_b, of_b.middle, both);
  // What one has more than the other.
  sha256_blocks(state_a, of_a.middle + both * kSha256Block, of_a.middle_blocks - both);
  sha256_blocks(state_b, of_b.middle + both * kSha256Block, of_b.middle_blocks - both);
  if (of_a.last_blocks == of_b.last_blocks) {
    sha256_blocks_of_two(state_a, of_a.last.data(), state_b, of_b.last.data(), of_a.last_blocks);
  } else {
    sha256_blocks(state_a, of_a.last.data(), of_a.last_blocks);
    sha256_blocks(state_b, of_b.last.data(), of_b.last_blocks);
  }
  write(state_a, out_a);
  write(state_b, out_b);
}

}  // namespace penstock
