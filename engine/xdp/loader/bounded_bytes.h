// Reading of structures from bytes that nobody has checked yet: every access is inside them or is nothing.
// Little-endian hosts only, as the objects are. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace penstock {

using Bytes = std::span<const std::byte>;

inline std::optional<Bytes> slice(Bytes bytes, std::uint64_t offset, std::uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return std::nullopt;
  return bytes.subspan(offset, size);
}

// A copy, for the bytes need not be aligned.
template <typename T>
std::optional<T> read_at(Bytes bytes, std::uint64_t offset) {
  const std::optional<Bytes> found = slice(bytes, offset, sizeof(T));
  if (!found) return std::nullopt;
  T value;
  std::memcpy(&value, found->data(), sizeof(T));
  return value;
}

// The text that begins at `offset` of a string table and ends with NUL; nothing when it does not end.
inline std::optional<std::string_view> text_at(Bytes strings, std::uint64_t offset) {
  if (offset >= strings.size()) return std::nullopt;
  const auto* const begin = reinterpret_cast<const char*>(strings.data()) + offset;
  const auto* const end = static_cast<const char*>(std::memchr(begin, 0, strings.size() - offset));
  if (end == nullptr) return std::nullopt;
  return std::string_view(begin, static_cast<std::size_t>(end - begin));
}

}  // namespace penstock
