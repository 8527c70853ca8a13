// The plain-UDP oracle: what would Linux do with this frame, if a UDP socket were bound to the port?
//
// Written from the kernel's rules (net/ipv4/ip_input.c, ip_options.c, udp.c; net/core/dev.c), step by step
// and without regard to speed, and independent of bpf/classify.h: the sender's ledger is made with it, so
// that a mistake of the classifier cannot hide in the expectation. It assumes a testbed namespace: no
// firewall, rp_filter off, no VLAN devices, source routing refused, and a socket bound to the receiver's
// address, which gets neither multicast nor broadcast, unless `any_address` says otherwise.
//
// Thread safety: immutable after construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>

#include "engine/packet/address.h"

namespace penstock {

enum class Fate {
  kFast,       // the socket gets the payload, and the frame is plain enough for the fast path
  kUnchecked,  // only its UDP checksum is wrong: the fast path takes it, the kernel drops it
  kSlow,       // the socket gets the payload, but the fast path leaves the frame to the kernel
  kFragment,   // part of an IPv4 datagram to this host: decided when it is whole (ledger.h)
  kHost,       // for another part of the host's stack, or dropped by it
};

struct Judgement {
  Fate fate = Fate::kHost;
  Endpoint source{};  // these three for kFast, kUnchecked and kSlow
  Endpoint destination{};
  std::span<const std::byte> payload{};  // inside the frame; for kFragment the fragment from its IP header
};

struct OracleConfig {
  MacAddress mac{};
  std::set<Ipv4Address> addresses{};  // of the receiver; empty: any destination is its own
  std::set<std::uint16_t> ports{};
  bool vlan = false;              // the fast path looks through one or two priority tags
  bool any_address = false;       // the sockets are bound to 0.0.0.0: they get limited broadcasts too
  std::size_t max_frame = 1'792;  // longest that the fast path takes: what a 2 KiB UMEM chunk holds
};

class Oracle {
 public:
  explicit Oracle(OracleConfig config) : config_(std::move(config)) {}

  // Any length, also zero.
  Judgement judge(std::span<const std::byte> frame) const;

  // The rest of the decision for an IPv4 datagram that is whole: `ip` begins at its header and may have
  // bytes after its end. Gives kSlow when the socket would get it, else kHost.
  Judgement judge_reassembled(std::span<const std::byte> ip) const;

 private:
  Judgement judge_ipv4(std::span<const std::byte> ip, bool plain) const;
  Judgement judge_udp(std::span<const std::byte> ip, std::size_t header_bytes, bool plain) const;
  bool addresses_accepted(Ipv4Address source, Ipv4Address destination) const;

  OracleConfig config_;
};

}  // namespace penstock
