// Receive-side scaling: which RX queue a NIC puts a frame into.
//
// The hash is Toeplitz with Microsoft's default key ("Verifying the RSS hash calculation", Windows driver
// documentation), as the common cards have it, over bytes in network order:
//   IPv4 UDP and TCP, not a fragment, ports inside the frame   source, destination, source port, destination
//   port other IPv4 (fragments, ICMP, ...)                          source, destination everything else no
//   hash: queue 0
// The lowest seven bits choose one of 128 entries of an indirection table, whose n-th entry is n mod queues.
//
// So every packet of a flow is in one queue, but a fragmented datagram may be in another queue than the
// whole ones of its flow. veth does not do this (its queue is the sender's): no evidence about veth.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace penstock {

// REQUIRES: at most 36 bytes, the most that the key covers.
std::uint32_t toeplitz_hash(std::span<const std::byte> input);

// The hash of a frame from its Ethernet header on; nothing for a frame that is not hashed.
std::optional<std::uint32_t> rss_hash(std::span<const std::byte> frame);

// REQUIRES: queues > 0.
std::uint32_t rss_queue(std::span<const std::byte> frame, std::uint32_t queues);

}  // namespace penstock
