// Fragments into datagrams.
#include "sim/workload/reassembly.h"

#include <cstring>

#include "engine/packet/byte_order.h"
#include "engine/packet/checksum.h"

namespace penstock {
namespace {

constexpr std::size_t kHeaderBytes = 20;
constexpr std::size_t kMaxDatagramBytes = 65'535;
constexpr std::uint16_t kMoreFragments = 0x2000;
constexpr std::uint16_t kOffsetMask = 0x1fff;

}  // namespace

std::optional<std::vector<std::byte>> Reassembly::add(std::span<const std::byte> ip) {
  const std::size_t header_bytes = (std::to_integer<std::size_t>(ip[0]) & 0x0f) * 4;
  const std::size_t total = load_be16(&ip[2]);
  const std::uint16_t field = load_be16(&ip[6]);
  const std::size_t offset = std::size_t{8} * (field & kOffsetMask);
  const std::span<const std::byte> part = ip.subspan(header_bytes, total - header_bytes);
  const bool more = (field & kMoreFragments) != 0;
  // All but the last carry a multiple of 8 bytes; Linux drops one that does not.
  if (part.empty() || (more && part.size() % 8 != 0)) return std::nullopt;

  Key key;
  std::memcpy(&key[0], &ip[12], 8);
  std::memcpy(&key[8], &ip[4], 2);
  key[10] = ip[9];
  Pending& pending = pending_[key];
  const std::size_t end = offset + part.size();
  if (end + kHeaderBytes > kMaxDatagramBytes) pending.dead = true;
  if (!more) {
    if (pending.length && *pending.length != end) pending.dead = true;
    pending.length = end;
  }
  const auto [same, is_new] = pending.parts.try_emplace(offset, part.begin(), part.end());
  if (!is_new && same->second.size() != part.size()) pending.dead = true;
  if (pending.dead || !pending.length) return std::nullopt;

  std::vector<std::byte> whole(ip.begin(), ip.begin() + kHeaderBytes);
  for (const auto& [at, bytes] : pending.parts) {
    if (at + kHeaderBytes > whole.size()) return std::nullopt;  // a gap
    if (at + kHeaderBytes < whole.size()) {
      pending.dead = true;
      return std::nullopt;
    }
    whole.insert(whole.end(), bytes.begin(), bytes.end());
  }
  if (whole.size() - kHeaderBytes != *pending.length) return std::nullopt;
  pending_.erase(key);

  whole[0] = std::byte{0x45};
  store_be16(&whole[2], static_cast<std::uint16_t>(whole.size()));
  store_be16(&whole[6], 0);
  store_be16(&whole[10], 0);
  store_be16(&whole[10], checksum_finish(checksum_sum(std::span(whole).first(kHeaderBytes))));
  return whole;
}

}  // namespace penstock
