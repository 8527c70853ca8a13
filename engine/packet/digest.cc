// SHA-256 of each datagram through OpenSSL, summed mod 2^256.
#include "engine/packet/digest.h"

#include <cstring>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "engine/base/check.h"
#include "engine/packet/byte_order.h"

namespace penstock {
namespace {

constexpr std::byte kFamilyIpv4{4};

void copy_endpoint(std::byte* to, const Endpoint& endpoint) {
  std::memcpy(to, endpoint.address.bytes.data(), 4);
  store_be16(to + 4, endpoint.port);
}

// Fetched once a process: EVP_sha256() would look the algorithm up again on every init, which costs
// more than hashing a shred. Never freed: digests may outlive main().
const EVP_MD* sha256() {
  static const EVP_MD* const kMd = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  PENSTOCK_CHECK(kMd != nullptr);
  return kMd;
}

}  // namespace

struct MultisetDigest::Hasher {
  Hasher() : context(EVP_MD_CTX_new()) { PENSTOCK_CHECK(context != nullptr); }
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  ~Hasher() { EVP_MD_CTX_free(context); }

  std::array<std::uint8_t, 32> hash(std::span<const std::byte> head, std::span<const std::byte> body) {
    std::array<std::uint8_t, 32> result{};
    // With a fetched digest and memory none of these can fail.
    PENSTOCK_CHECK(EVP_DigestInit_ex2(context, sha256(), nullptr) == 1);
    PENSTOCK_CHECK(EVP_DigestUpdate(context, head.data(), head.size()) == 1);
    PENSTOCK_CHECK(EVP_DigestUpdate(context, body.data(), body.size()) == 1);
    PENSTOCK_CHECK(EVP_DigestFinal_ex(context, result.data(), nullptr) == 1);
    return result;
  }

  EVP_MD_CTX* context;
};

MultisetDigest::MultisetDigest() = default;
MultisetDigest::MultisetDigest(MultisetDigest&&) noexcept = default;
MultisetDigest& MultisetDigest::operator=(MultisetDigest&&) noexcept = default;
MultisetDigest::~MultisetDigest() = default;

std::uint64_t MultisetDigest::add_datagram(const Endpoint& source, const Endpoint& destination,
                                           std::span<const std::byte> payload) {
  std::array<std::byte, 17> head{};
  head[0] = kFamilyIpv4;
  copy_endpoint(&head[1], source);
  copy_endpoint(&head[7], destination);
  store_be32(&head[13], static_cast<std::uint32_t>(payload.size()));
  if (!hasher_) hasher_ = std::make_unique<Hasher>();
  return add_hash(hasher_->hash(head, payload));
}

std::uint64_t MultisetDigest::add_frame(std::span<const std::byte> frame) {
  std::array<std::byte, 4> head{};
  store_be32(head.data(), static_cast<std::uint32_t>(frame.size()));
  if (!hasher_) hasher_ = std::make_unique<Hasher>();
  return add_hash(hasher_->hash(head, frame));
}

void MultisetDigest::merge(const MultisetDigest& other) {
  count_ += other.count_;
  add_sum(other.sum_);
}

std::string MultisetDigest::to_string() const {
  return fmt::format("{}:{:016x}{:016x}{:016x}{:016x}", count_, sum_[3], sum_[2], sum_[1], sum_[0]);
}

std::uint64_t MultisetDigest::add_hash(const std::array<std::uint8_t, 32>& hash) {
  std::array<std::uint64_t, 4> words{};
  for (std::size_t i = 0; i < words.size(); ++i) {  // the hash is a big-endian number
    std::uint64_t big_endian = 0;
    std::memcpy(&big_endian, &hash[8 * (3 - i)], 8);
    words[i] = __builtin_bswap64(big_endian);
  }
  ++count_;
  add_sum(words);
  return words[0];
}

void MultisetDigest::add_sum(const std::array<std::uint64_t, 4>& words) {
  bool carry = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::uint64_t sum = 0;
    const bool first = __builtin_add_overflow(sum_[i], words[i], &sum);
    const bool second = __builtin_add_overflow(sum, static_cast<std::uint64_t>(carry), &sum_[i]);
    carry = first || second;
  }
}

}  // namespace penstock
