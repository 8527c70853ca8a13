// libsodium behind the types of this package.
#include "engine/shred/signature.h"

#include <sodium.h>

#include <algorithm>
#include <tuple>

#include "engine/base/check.h"

namespace penstock {
namespace {

static_assert(crypto_sign_ed25519_SECRETKEYBYTES == std::tuple_size_v<KeyPair>);
static_assert(crypto_sign_ed25519_BYTES == std::tuple_size_v<Signature>);

void initialise() {
  static const bool kReady = sodium_init() >= 0;
  PENSTOCK_CHECK(kReady);
}

const unsigned char* raw(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}
unsigned char* raw(std::byte* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

}  // namespace

KeyPair key_pair_from_seed(std::span<const std::byte, 32> seed) {
  initialise();
  KeyPair keys;
  PublicKey key;
  PENSTOCK_CHECK(crypto_sign_ed25519_seed_keypair(raw(key.data()), raw(keys.data()), raw(seed.data())) == 0);
  return keys;
}

PublicKey public_key_of(const KeyPair& keys) {
  PublicKey key;
  std::copy(keys.begin() + 32, keys.end(), key.begin());
  return key;
}

Signature sign(const KeyPair& keys, std::span<const std::byte> message) {
  initialise();
  Signature signature;
  PENSTOCK_CHECK(crypto_sign_ed25519_detached(raw(signature.data()), nullptr, raw(message.data()),
                                              message.size(), raw(keys.data())) == 0);
  return signature;
}

bool verify(const PublicKey& key, std::span<const std::byte> message,
            std::span<const std::byte, 64> signature) {
  initialise();
  return crypto_sign_ed25519_verify_detached(raw(signature.data()), raw(message.data()), message.size(),
                                             raw(key.data())) == 0;
}

}  // namespace penstock
