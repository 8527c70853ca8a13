// The circumstances that a declared exception may name: a closed vocabulary. Each is a question about one
// datagram to a listed port, about the receiver's options, or about the host; whoever knows the answer
// (the oracle of sim/workload for datagrams, a test for the host it made) sets the field of that name.
//
// Plain data: adding a word is adding a line here and whatever answers it.
#pragma once

#include <cstddef>
#include <string_view>

namespace penstock {

// X(name, about, meaning)
#define PENSTOCK_CIRCUMSTANCES(X)                                                                      \
  X(udp_checksum_bad, "datagram", "its UDP checksum is neither right, nor 0, nor partial by right")    \
  X(udp_checksum_partial, "datagram", "only its pseudo header is summed: a local sender with offload") \
  X(payload_above_max, "datagram", "its payload is longer than max_payload")                           \
  X(slow_way, "datagram", "the classifier leaves its frames to the kernel")                            \
  X(ipv6, "datagram", "it came over IPv6")                                                             \
  X(group_destination, "datagram", "its destination is a multicast or broadcast address")              \
  X(verify_udp_checksum, "receiver", "the option of that name")                                        \
  X(ipv6_taken, "receiver", "the option ipv6")                                                         \
  X(companion_off, "receiver", "companion = \"off\"")                                                  \
  X(companion_external, "receiver", "companion = \"external\"")                                        \
  X(bound_to_address, "host", "the socket that it is compared with is bound to one address")           \
  X(firewall_drops, "host", "a rule of netfilter, of tc's ingress hook or of a cgroup drops it")       \
  X(rp_filter_drops, "host", "the reverse path filter drops it")                                       \
  X(address_gone, "host", "its destination was this host's until a moment ago")

struct Circumstances {
#define X(name, about, meaning) bool name = false;
  PENSTOCK_CIRCUMSTANCES(X)
#undef X
};

struct CircumstanceInfo {
  std::string_view name;
  std::string_view about;
  std::string_view meaning;
  bool Circumstances::*value;
};

inline constexpr CircumstanceInfo kCircumstances[] = {
#define X(name, about, meaning) {#name, about, meaning, &Circumstances::name},
    PENSTOCK_CIRCUMSTANCES(X)
#undef X
};

}  // namespace penstock
