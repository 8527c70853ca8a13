// Unaligned loads and stores in a stated byte order: network (big-endian) for packet headers,
// little-endian for shreds. The caller has checked that the bytes are there.
// Thread safety: pure functions over their arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace penstock {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "x86-64 and arm64 only");

inline std::uint16_t load_be16(const std::byte* from) {
  std::uint16_t value = 0;
  std::memcpy(&value, from, sizeof(value));
  return __builtin_bswap16(value);
}

inline std::uint32_t load_be32(const std::byte* from) {
  std::uint32_t value = 0;
  std::memcpy(&value, from, sizeof(value));
  return __builtin_bswap32(value);
}

inline void store_be16(std::byte* to, std::uint16_t value) {
  value = __builtin_bswap16(value);
  std::memcpy(to, &value, sizeof(value));
}

inline void store_be32(std::byte* to, std::uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(to, &value, sizeof(value));
}

inline std::uint32_t load_le32(const std::byte* from) {
  std::uint32_t value = 0;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

inline std::uint64_t load_le64(const std::byte* from) {
  std::uint64_t value = 0;
  for (int i = 7; i >= 0; --i)
    value = value << 8 | std::to_integer<std::uint64_t>(from[i]);
  return value;
}

inline void store_le16(std::byte* to, std::uint16_t value) {
  std::memcpy(to, &value, sizeof(value));
}
inline void store_le32(std::byte* to, std::uint32_t value) {
  std::memcpy(to, &value, sizeof(value));
}
inline void store_le64(std::byte* to, std::uint64_t value) {
  std::memcpy(to, &value, sizeof(value));
}

}  // namespace penstock
