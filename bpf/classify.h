/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The classifier: is this Ethernet frame ours, and where is its payload?
 *
 * This header is the only parser of Ethernet, IP and UDP on the receive path. The XDP program
 * compiles it for the kernel, the userspace filter compiles it as C++, so that the two cannot
 * drift apart. It is written in the subset of C that the BPF verifier and a C++ compiler accept.
 *
 * The rule: a frame is taken exactly when a UDP socket bound to the port would have been given
 * its payload by Linux. Whatever is malformed, or needs the stack (fragments, options, tags), is
 * passed: the kernel decides. The reasons stand in PENSTOCK_REASONS in the order of the checks;
 * the first that applies is the frame's reason, on both sides.
 *
 *   frame   | Ethernet 14 | IPv4 20 (IHL = 5 only) | UDP 8 | payload | padding ...
 *   offset  0             14                       34      42
 *
 * Not verified by default: the UDP checksum. A frame sent locally over veth carries a partial one,
 * and the Merkle root and the signature of a shred cover its bytes (docs/architecture.md).
 *
 * Addresses in struct penstock_policy are in network byte order, lengths and ports in host order.
 * Thread safety: pure functions over their arguments.
 *
 * Includers that look ports up elsewhere than in a byte array (the BPF program: in a map) define
 * PENSTOCK_PORT_ACTION(ports, port) before including this file.
 */
#ifndef PENSTOCK_BPF_CLASSIFY_H_
#define PENSTOCK_BPF_CLASSIFY_H_

#include <linux/types.h>

/*
 * X(identifier, name, help). The order is the order of the checks and the layout of the kernel's
 * counters; names appear in metrics, in result.json and in `penstock classify`.
 */
#define PENSTOCK_REASONS(X)                                                                        \
  X(TAKEN, "taken", "ours: handed to the engine")                                                  \
  X(NO_SOCKET, "no_socket", "ours, but the queue has no AF_XDP socket: left to the host's stack")  \
  X(ENGINE_STALLED, "engine_stalled", "the engine behind take_all has hung for 100 ms")            \
  X(VLAN, "vlan", "802.1Q or 802.1ad tag in the frame")                                            \
  X(IPV6, "ipv6", "IPv6")                                                                          \
  X(ETHERTYPE, "ethertype", "neither IPv4, IPv6 nor a VLAN tag")                                   \
  X(SHORT_FRAME, "short_frame", "ends inside the Ethernet or IPv4 header")                         \
  X(IP_VERSION, "ip_version", "version nibble is not 4 under ethertype IPv4")                      \
  X(IHL, "ihl", "IPv4 header length below 20 bytes")                                               \
  X(IP_OPTIONS, "ip_options", "IPv4 options: the kernel decides")                                  \
  X(GRE, "gre", "GRE")                                                                             \
  X(PROTOCOL, "protocol", "an IP protocol other than UDP")                                         \
  X(FRAGMENT, "fragment", "a fragment: the kernel reassembles")                                    \
  X(IP_LENGTH, "ip_length", "IPv4 total length beyond the frame or without room for a UDP header") \
  X(PORT, "port", "UDP to a port that is not listed")                                              \
  X(IP_CHECKSUM, "ip_checksum", "bad IPv4 header checksum")                                        \
  X(UDP_LENGTH, "udp_length", "UDP length below 8 or beyond the IPv4 payload")                     \
  X(DESTINATION_MAC, "destination_mac", "for another station, broadcast or multicast")             \
  X(MARTIAN_SOURCE, "martian_source", "loopback, zero, multicast or broadcast source address")     \
  X(OWN_SOURCE, "own_source", "source address is one of this host's own")                          \
  X(DESTINATION, "destination", "destination address is not one of this host's own")               \
  X(OVERSIZE, "oversize", "longer than a UMEM chunk can hold")

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
  PENSTOCK_CHECK_MAC = 1u << 0,     /* destination MAC must be policy.mac */
  PENSTOCK_CHECK_ADDRESS = 1u << 1, /* destination must, and source must not, be in policy.addresses */
};

#define PENSTOCK_INLINE_ADDRESSES 4

/* What "ours" means on this interface. The same bytes in the kernel and in C++; 32 bytes. */
struct penstock_policy {
  __u32 flags;                                /* penstock_policy_flags */
  __u32 max_frame;                            /* longest frame, in bytes, that fits a UMEM chunk */
  __u32 addresses[PENSTOCK_INLINE_ADDRESSES]; /* this host's, network order; unused slots repeat the first */
  __u8 mac[6];                                /* the interface's own */
  __u16 reserved;
};

/* Where the payload lies; both zero unless the reason is PENSTOCK_TAKEN. */
struct penstock_payload {
  __u16 offset; /* from the first byte of the frame */
  __u16 length; /* trimmed to what the UDP header says */
};

/* Loads: plain on BPF, where the verifier allows unaligned packet access; memcpy in C++, where the
 * language does not. */
#if defined(__bpf__)
#define PENSTOCK_INLINE static __attribute__((always_inline)) inline
PENSTOCK_INLINE __u16 penstock_load16(const void *p) { return *(const __u16 *)p; }
PENSTOCK_INLINE __u32 penstock_load32(const void *p) { return *(const __u32 *)p; }
#else
#define PENSTOCK_INLINE static inline
PENSTOCK_INLINE __u16 penstock_load16(const void *p) {
  __u16 v;
  __builtin_memcpy(&v, p, sizeof(v));
  return v;
}
PENSTOCK_INLINE __u32 penstock_load32(const void *p) {
  __u32 v;
  __builtin_memcpy(&v, p, sizeof(v));
  return v;
}
#endif

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "written for little-endian hosts: the network-order constants below are swapped by hand"
#endif
#define PENSTOCK_NET16(x) ((__u16)((((x)&0xffu) << 8) | (((x) >> 8) & 0xffu)))
#define PENSTOCK_NET32(x) __builtin_bswap32(x)

#ifndef PENSTOCK_PORT_ACTION
/* ports: 65,536 bytes, one an action for each port; 0 means pass, anything else take. */
#define PENSTOCK_PORT_ACTION(ports, port) (((const __u8 *)(ports))[port])
#endif

#define PENSTOCK_ETHERNET_BYTES 14
#define PENSTOCK_IPV4_BYTES 20
#define PENSTOCK_UDP_BYTES 8
#define PENSTOCK_PAYLOAD_OFFSET (PENSTOCK_ETHERNET_BYTES + PENSTOCK_IPV4_BYTES + PENSTOCK_UDP_BYTES)

/* Ones' complement sum of a 20-byte header, folded to 16 bits: 0xffff when the checksum is right (RFC 1071).
 */
PENSTOCK_INLINE __u32 penstock_ipv4_sum(const __u8 *ip) {
  __u64 sum = (__u64)penstock_load32(ip) + penstock_load32(ip + 4) + penstock_load32(ip + 8) +
              penstock_load32(ip + 12) + penstock_load32(ip + 16);
  sum = (sum & 0xffffffffu) + (sum >> 32);
  sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (__u32)sum;
}

PENSTOCK_INLINE int penstock_is_local(const struct penstock_policy *policy, __u32 address) {
  return address == policy->addresses[0] || address == policy->addresses[1] ||
         address == policy->addresses[2] || address == policy->addresses[3];
}

/* The address checks of Linux's ip_route_input_slow() that need no routing table: martian sources
 * are dropped there, and loopback, multicast and broadcast destinations are left to it. */
PENSTOCK_INLINE enum penstock_reason penstock_check_addresses(const __u8 *ip,
                                                              const struct penstock_policy *policy) {
  const __u32 source = penstock_load32(ip + 12);
  const __u32 destination = penstock_load32(ip + 16);
  const __u8 source_top = ip[12];
  const __u8 destination_top = ip[16];

  if (source_top == 127 || (source_top & 0xf0) == 0xe0 || source == 0 || source == 0xffffffffu)
    return PENSTOCK_MARTIAN_SOURCE;
  if (destination_top == 127 || (destination_top & 0xf0) == 0xe0 || destination == 0 ||
      destination == 0xffffffffu)
    return PENSTOCK_DESTINATION;
  if (policy->flags & PENSTOCK_CHECK_ADDRESS) {
    if (penstock_is_local(policy, source)) return PENSTOCK_OWN_SOURCE;
    if (!penstock_is_local(policy, destination)) return PENSTOCK_DESTINATION;
  }
  return PENSTOCK_TAKEN;
}

/*
 * Judges the frame [data, data_end). Returns PENSTOCK_TAKEN and fills *payload when it is ours, the
 * reason for passing it otherwise. `ports` goes to PENSTOCK_PORT_ACTION untouched.
 * Reads nothing outside [data, data_end); any length, also zero, is allowed.
 */
PENSTOCK_INLINE enum penstock_reason penstock_classify(const void *data, const void *data_end,
                                                       const struct penstock_policy *policy,
                                                       const void *ports, struct penstock_payload *payload) {
  const __u8 *const frame = (const __u8 *)data;
  const __u8 *const end = (const __u8 *)data_end;
  const __u8 *const ip = frame + PENSTOCK_ETHERNET_BYTES;
  const __u8 *const udp = ip + PENSTOCK_IPV4_BYTES;
  enum penstock_reason reason;
  __u32 total_length, udp_length;
  __u16 ethertype;

  (void)ports; /* unused where the includer looks ports up in a map */
  payload->offset = 0;
  payload->length = 0;

  if (ip > end) return PENSTOCK_SHORT_FRAME;
  ethertype = penstock_load16(frame + 12);
  if (ethertype != PENSTOCK_NET16(0x0800)) {
    if (ethertype == PENSTOCK_NET16(0x8100) || ethertype == PENSTOCK_NET16(0x88a8)) return PENSTOCK_VLAN;
    if (ethertype == PENSTOCK_NET16(0x86dd)) return PENSTOCK_IPV6;
    return PENSTOCK_ETHERTYPE;
  }

  if (udp > end) return PENSTOCK_SHORT_FRAME;
  if (ip[0] != 0x45) {
    if ((ip[0] >> 4) != 4) return PENSTOCK_IP_VERSION;
    return (ip[0] & 0x0f) < 5 ? PENSTOCK_IHL : PENSTOCK_IP_OPTIONS;
  }
  if (ip[9] != 17) return ip[9] == 47 ? PENSTOCK_GRE : PENSTOCK_PROTOCOL;
  /* More Fragments and the offset; the reserved bit is ignored, as Linux does. */
  if (penstock_load16(ip + 6) & PENSTOCK_NET16(0x3fff)) return PENSTOCK_FRAGMENT;

  total_length = PENSTOCK_NET16(penstock_load16(ip + 2));
  if (total_length < PENSTOCK_IPV4_BYTES + PENSTOCK_UDP_BYTES || udp + PENSTOCK_UDP_BYTES > end ||
      total_length > (__u64)(end - ip))
    return PENSTOCK_IP_LENGTH;

  /* The port comes before the dearer checks: other UDP traffic is the commonest frame not ours. */
  if (!PENSTOCK_PORT_ACTION(ports, PENSTOCK_NET16(penstock_load16(udp + 2)))) return PENSTOCK_PORT;
  if (penstock_ipv4_sum(ip) != 0xffff) return PENSTOCK_IP_CHECKSUM;

  udp_length = PENSTOCK_NET16(penstock_load16(udp + 4));
  if (udp_length < PENSTOCK_UDP_BYTES || udp_length > total_length - PENSTOCK_IPV4_BYTES)
    return PENSTOCK_UDP_LENGTH;

  if ((policy->flags & PENSTOCK_CHECK_MAC) &&
      (penstock_load32(frame) != penstock_load32(policy->mac) ||
       penstock_load16(frame + 4) != penstock_load16(policy->mac + 4)))
    return PENSTOCK_DESTINATION_MAC;
  reason = penstock_check_addresses(ip, policy);
  if (reason != PENSTOCK_TAKEN) return reason;
  if ((__u64)(end - frame) > policy->max_frame) return PENSTOCK_OVERSIZE;

  payload->offset = PENSTOCK_PAYLOAD_OFFSET;
  payload->length = (__u16)(udp_length - PENSTOCK_UDP_BYTES);
  return PENSTOCK_TAKEN;
}

/*
 * Where the payload of a frame lies that the XDP program has already taken: the engine's half of the
 * kernel filter, without judging again. Never points outside the frame, whatever the bytes say.
 * REQUIRES: length >= PENSTOCK_PAYLOAD_OFFSET.
 */
PENSTOCK_INLINE struct penstock_payload penstock_payload_of_taken(const void *frame, __u32 length) {
  const __u8 *const udp = (const __u8 *)frame + PENSTOCK_ETHERNET_BYTES + PENSTOCK_IPV4_BYTES;
  const __u32 udp_length = PENSTOCK_NET16(penstock_load16(udp + 4));
  const __u32 room = length - PENSTOCK_PAYLOAD_OFFSET;
  struct penstock_payload payload;
  payload.offset = PENSTOCK_PAYLOAD_OFFSET;
  payload.length = 0;
  if (udp_length >= PENSTOCK_UDP_BYTES)
    payload.length = (__u16)(udp_length - PENSTOCK_UDP_BYTES < room ? udp_length - PENSTOCK_UDP_BYTES : room);
  return payload;
}

#endif /* PENSTOCK_BPF_CLASSIFY_H_ */
