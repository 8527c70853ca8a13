// Ed25519 through libsodium: a leader's signature over a set's Merkle root.
//
// Thread safety: pure functions. libsodium is initialised on first use, once.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "engine/shred/layout.h"

namespace penstock {

using PublicKey = std::array<std::byte, 32>;
using Signature = std::array<std::byte, kSignatureSize>;

// A seed of 32 bytes and its public key, as Solana's key files hold them.
using KeyPair = std::array<std::byte, 64>;

KeyPair key_pair_from_seed(std::span<const std::byte, 32> seed);
PublicKey public_key_of(const KeyPair& keys);

Signature sign(const KeyPair& keys, std::span<const std::byte> message);
bool verify(const PublicKey& key, std::span<const std::byte> message,
            std::span<const std::byte, 64> signature);

}  // namespace penstock
