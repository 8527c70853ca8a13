// SHA-256 over one message, or over two at once, by the processor's own instructions where it has them.
//
// A message here is a prefix of 26 bytes and an input: a leaf or a node of a FEC set's Merkle tree. One
// message is bound by the latency of sha256rnds2, which has room for a second between: two of them take
// little longer than one. On processors without SHA extensions and AVX OpenSSL does the work: by its old
// functions, which hold their state in the caller's memory. The EVP ones of OpenSSL 3.0 allocate a state for
// each message.
//
//   one leaf of a shred  17 blocks     OpenSSL 0.58 us, here 0.55 us, in a pair 0.38 us
//   one node              2 blocks     0.11 us, 0.09 us, in a pair 0.06 us
//
// Thread safety: values. No allocation.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace penstock {

class Sha256 {
 public:
  static constexpr std::size_t kPrefixSize = 26;
  using Prefix = std::span<const char, kPrefixSize>;
  using Input = std::span<const std::byte>;
  using Hash = std::array<std::byte, 32>;

  enum class Engine { kBest, kOpenSsl };

  // kBest: SHA extensions where the processor has them. The choice is for tests and benchmarks.
  explicit Sha256(Engine engine = Engine::kBest);

  static bool processor_has_sha();  // and AVX, in which the rest is encoded

  void hash(Prefix prefix, Input input, Hash& out);
  // The same for two inputs; they may differ in size.
  void hash_pair(Prefix prefix, Input a, Input b, Hash& out_a, Hash& out_b);

 private:
  bool instructions_;
};

}  // namespace penstock
