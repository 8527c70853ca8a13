// The chunked memory of a workload, and its fingerprint.
#include "sim/workload/workload.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "engine/base/check.h"
#include "engine/packet/byte_order.h"

namespace penstock {

std::uint64_t Workload::bytes() const {
  std::uint64_t total = 0;
  for (const TimedFrame& frame : frames_)
    total += frame.bytes.size();
  return total;
}

Nanoseconds Workload::duration() const {
  Nanoseconds last = 0;
  for (const TimedFrame& frame : frames_)
    last = std::max(last, frame.at);
  return last;
}

std::span<std::byte> Workload::allocate(std::size_t bytes) {
  PENSTOCK_CHECK(bytes <= kChunkBytes);
  if (kChunkBytes - chunk_used_ < bytes) {
    chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(kChunkBytes));
    chunk_used_ = 0;
  }
  if (bytes == 0) return {};
  std::byte* const at = chunks_.back().get() + chunk_used_;
  chunk_used_ += bytes;
  return {at, bytes};
}

void Workload::add_copy(Nanoseconds at, FrameKind kind, std::span<const std::byte> bytes) {
  const std::span<std::byte> own = allocate(bytes.size());
  std::copy(bytes.begin(), bytes.end(), own.begin());
  add({.at = at, .kind = kind, .bytes = own});
}

void Workload::sort_by_time() {
  std::stable_sort(frames_.begin(), frames_.end(),
                   [](const TimedFrame& a, const TimedFrame& b) { return a.at < b.at; });
}

std::string fingerprint(const Workload& workload) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  PENSTOCK_CHECK(context && EVP_DigestInit_ex2(context.get(), EVP_sha256(), nullptr) == 1);
  for (const TimedFrame& frame : workload.frames()) {
    std::array<std::byte, 13> head{};
    store_le64(&head[0], static_cast<std::uint64_t>(frame.at));
    head[8] = static_cast<std::byte>(frame.kind);
    store_le32(&head[9], static_cast<std::uint32_t>(frame.bytes.size()));
    PENSTOCK_CHECK(EVP_DigestUpdate(context.get(), head.data(), head.size()) == 1);
    PENSTOCK_CHECK(EVP_DigestUpdate(context.get(), frame.bytes.data(), frame.bytes.size()) == 1);
  }
  std::array<unsigned char, 32> hash{};
  PENSTOCK_CHECK(EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) == 1);
  std::string text;
  for (const unsigned char byte : hash)
    text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace penstock
