/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The words that the classifier, the XDP program and the engine share: reasons, policy, payload.
 *
 * Addresses are in network byte order, lengths and ports in host order. Plain data, no functions.
 */
#ifndef PENSTOCK_BPF_POLICY_H_
#define PENSTOCK_BPF_POLICY_H_

#include <linux/types.h>

/*
 * X(identifier, name, help). The order is the order of the checks and the layout of the kernel's
 * counters; names appear in metrics, in result.json and in `penstock classify`.
 */
#define PENSTOCK_REASONS(X)                                                                             \
  X(TAKEN, "taken", "ours: handed to the engine")                                                       \
  X(NO_SOCKET, "no_socket", "ours, but the queue has no AF_XDP socket: left to the host's stack")       \
  X(ENGINE_STALLED, "engine_stalled", "the engine behind take_all has hung for 100 ms")                 \
  X(VLAN, "vlan", "802.1Q or 802.1ad tag: any by default; with the option a VID not 0, or a third tag") \
  X(IPV6, "ipv6", "IPv6, which is not taken by default")                                                \
  X(ETHERTYPE, "ethertype", "neither IPv4, IPv6 nor a VLAN tag")                                        \
  X(SHORT_FRAME, "short_frame", "ends inside the Ethernet header, a tag or the IP header")              \
  X(IP_VERSION, "ip_version", "version nibble does not fit the ethertype")                              \
  X(IHL, "ihl", "IPv4 header length below 20 bytes")                                                    \
  X(IP_OPTIONS, "ip_options", "IPv4 options: the kernel decides")                                       \
  X(IPV6_EXTENSION, "ipv6_extension", "IPv6 extension header: the kernel decides")                      \
  X(GRE, "gre", "GRE")                                                                                  \
  X(PROTOCOL, "protocol", "an IP protocol other than UDP")                                              \
  X(FRAGMENT, "fragment", "a fragment: the kernel reassembles")                                         \
  X(IP_LENGTH, "ip_length", "IP length beyond the frame or without room for a UDP header")              \
  X(PORT, "port", "UDP to a port that is not listed")                                                   \
  X(IP_CHECKSUM, "ip_checksum", "bad IPv4 header checksum")                                             \
  X(UDP_LENGTH, "udp_length", "UDP length below 8 or beyond the IP payload")                            \
  X(UDP_NO_CHECKSUM, "udp_no_checksum", "UDP checksum 0 over IPv6, which needs one")                    \
  X(DESTINATION_MAC, "destination_mac", "for another station, broadcast or multicast")                  \
  X(MARTIAN_SOURCE, "martian_source", "loopback, zero, multicast or broadcast source address")          \
  X(OWN_SOURCE, "own_source", "source address is one of this host's own")                               \
  X(DESTINATION, "destination", "destination address is not one of this host's own")                    \
  X(OVERSIZE, "oversize", "longer than a UMEM chunk can hold")                                          \
  X(UDP_CHECKSUM, "udp_checksum", "bad UDP checksum, when the policy verifies it")

enum penstock_reason {
#define X(id, name, help) PENSTOCK_##id,
  PENSTOCK_REASONS(X)
#undef X
      PENSTOCK_REASON_COUNT
};

/* Rounded up to a power of two, so that the verifier sees a masked index stay inside. */
#define PENSTOCK_REASON_SLOTS 32

/* What one CPU counted: one frame, one increment. The sum over CPUs and slots is every frame seen. */
struct penstock_counts {
  __u64 by_reason[PENSTOCK_REASON_SLOTS];
};

enum penstock_policy_flags {
  PENSTOCK_CHECK_MAC = 1u << 0,      /* destination MAC must be policy.mac */
  PENSTOCK_CHECK_ADDRESS = 1u << 1,  /* destination must, and source must not, be this host's own */
  PENSTOCK_MORE_ADDRESSES = 1u << 2, /* IPv4 addresses beyond policy.addresses: ask PENSTOCK_IS_LISTED */
  PENSTOCK_TAKE_VLAN = 1u << 3,      /* the three options above */
  PENSTOCK_TAKE_IPV6 = 1u << 4,
  PENSTOCK_VERIFY_UDP_CHECKSUM = 1u << 5,
};

#define PENSTOCK_INLINE_ADDRESSES 4
#define PENSTOCK_LISTED_ADDRESSES 1024 /* most in the hash */

/* What "ours" means on this interface. The same bytes in the kernel and in C++; 32 bytes. */
struct penstock_policy {
  __u32 flags;                                /* penstock_policy_flags */
  __u32 max_frame;                            /* longest frame, in bytes, that fits a UMEM chunk */
  __u32 addresses[PENSTOCK_INLINE_ADDRESSES]; /* this host's, network order; unused slots repeat the first */
  __u8 mac[6];                                /* the interface's own */
  __u16 reserved;
};

/* An address as the hash knows it: IPv6 as on the wire, IPv4 mapped into it (::ffff:a.b.c.d). */
struct penstock_address {
  __u32 word[4]; /* network order */
};

/* Where the payload lies; all zero unless the reason is PENSTOCK_TAKEN. */
struct penstock_payload {
  __u16 offset;     /* from the first byte of the frame; the UDP and IP headers stand right before it */
  __u16 length;     /* trimmed to what the UDP header says */
  __u16 ip_version; /* 4 or 6 */
};

#endif /* PENSTOCK_BPF_POLICY_H_ */
