// Makes captured frames deliverable in a topology: new MACs and IPv4 addresses, ports and payload kept.
//
// This edits frames of the testbed before they are sent. It is not on the receive path: there the only
// parser is bpf/classify.h, and what this module makes of a frame decides nothing about it.
//
// What it does, by frame (rewrite() returns the same words):
//   kAddresses  IPv4 with a whole header (any IHL): MACs, both addresses, and every checksum over them.
//   kMacsOnly   anything else (ARP, IPv6, VLAN, a header that ends early or has another version).
//   kUntouched  shorter than two MAC addresses.
//
// Checksums: the IPv4 header's is recomputed. UDP, TCP and ICMP are recomputed over the whole datagram,
// so that captures taken behind a sender's offload become right; a UDP checksum of 0 stays 0. Where the
// datagram is not whole in the frame (fragments, lengths that lie), a UDP or TCP checksum that lies in the
// frame is updated by the difference of the addresses (RFC 1624): right stays right, wrong stays wrong.
//
// Sources: the order of first appearance decides. The n-th distinct original source becomes address
// network + n of a /16 (network + 1, network + 2, ...), so that equal captures give equal frames and
// distinct sources stay distinct; after 65,534 of them the addresses repeat and reused() counts it.
//
// Thread safety: none; one rewriter, one thread. Memory: one map entry a distinct source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>

#include "engine/packet/address.h"

namespace penstock {

enum class SourcePolicy {
  kKeep,         // leave source addresses as they are
  kMapToNetwork  // map one-to-one onto a /16 that the topology routes
};

struct RewriteTarget {
  MacAddress source_mac{};
  MacAddress destination_mac{};
  Ipv4Address destination{};
  SourcePolicy source_policy = SourcePolicy::kMapToNetwork;
  Ipv4Address source_network{{198, 18, 0, 0}};  // the last two bytes are ignored
};

enum class Rewritten { kAddresses, kMacsOnly, kUntouched };

class Rewriter {
 public:
  static constexpr std::uint32_t kSourceCapacity = 65'534;  // without .0.0 and .255.255

  explicit Rewriter(const RewriteTarget& target) : target_(target) {}

  Rewritten rewrite(std::span<std::byte> frame);

  std::size_t distinct_sources() const { return sources_.size(); }
  // Original sources that share their new address with an earlier one.
  std::size_t reused() const {
    return sources_.size() > kSourceCapacity ? sources_.size() - kSourceCapacity : 0;
  }

 private:
  Ipv4Address map_source(Ipv4Address original);

  RewriteTarget target_;
  std::unordered_map<std::uint32_t, Ipv4Address> sources_;  // by original address, network order
};

}  // namespace penstock
