// Hexadecimal digits and a one-shot SHA-256.
#include "engine/shred/testing/hex.h"

#include <openssl/evp.h>

namespace penstock::testing {
namespace {

unsigned digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  PENSTOCK_CHECK(c >= 'a' && c <= 'f');
  return static_cast<unsigned>(c - 'a' + 10);
}

}  // namespace

std::string to_hex(std::span<const std::byte> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text.push_back(kDigits[std::to_integer<unsigned>(byte) >> 4]);
    text.push_back(kDigits[std::to_integer<unsigned>(byte) & 15]);
  }
  return text;
}

std::vector<std::byte> from_hex(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != ' ') digits.push_back(c);
  }
  PENSTOCK_CHECK(digits.size() % 2 == 0);
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(digit(digits[i]) << 4 | digit(digits[i + 1])));
  }
  return bytes;
}

std::string sha256_hex(std::span<const std::byte> bytes) {
  std::array<std::byte, 32> hash;
  std::size_t size = 0;
  PENSTOCK_CHECK(EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(),
                              reinterpret_cast<unsigned char*>(hash.data()), &size) == 1);
  return to_hex(hash);
}

}  // namespace penstock::testing
