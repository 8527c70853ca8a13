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
 * Options, all off by default (struct penstock_policy, flags); docs/classifier.md has the reasons:
 *   TAKE_VLAN  looks through one or two 802.1Q or 802.1ad tags whose VLAN identifier is 0 (priority
 *              tags). Any other identifier belongs to a VLAN device, and without one Linux drops the
 *              frame, so it is passed; so is a third tag. Leave the option off where a VLAN device
 *              with identifier 0 exists: that device would have been given the frame.
 *   TAKE_IPV6  takes plain IPv6/UDP. Extension headers and fragments pass, and so does UDP checksum
 *              0, which RFC 8200 forbids and Linux drops. IPv6 addresses of this host are looked up
 *              in the hash; a link-local one must be the interface's own.
 *   VERIFY_UDP_CHECKSUM  passes a frame whose UDP checksum is wrong: the kernel drops and counts it.
 *              Not the default, since the Merkle root and the signature of a shred cover its bytes,
 *              and since a frame sent locally over veth carries a partial checksum (only the pseudo
 *              header is summed): that would pass too, and the companion socket would get it.
 *
 * Addresses in struct penstock_policy are in network byte order, lengths and ports in host order.
 * Thread safety: pure functions over their arguments.
 *
 * `tables` is where ports and further addresses are looked up. The BPF program, which has maps,
 * defines PENSTOCK_TABLES, its own struct penstock_tables and these before including this file:
 *   penstock_port_action(tables, port)    0 pass, anything else take
 *   penstock_is_listed(tables, address)   is this struct penstock_address one of this host's?
 *   penstock_udp_sum_is_right(tables, frame, udp, end, udp_length, address_sum)
 */
#ifndef PENSTOCK_BPF_CLASSIFY_H_
#define PENSTOCK_BPF_CLASSIFY_H_

#include <linux/types.h>

#include "bpf/packet_bytes.h"
#include "bpf/policy.h"

#ifndef PENSTOCK_TABLES
#define PENSTOCK_TABLES

struct penstock_tables {
  const __u8 *port_actions;                 /* 65,536 bytes, one an action for each port */
  const struct penstock_address *addresses; /* sorted by word[0], then word[1], ... as plain integers */
  __u32 address_count;
};

PENSTOCK_INLINE __u8 penstock_port_action(const struct penstock_tables *tables, __u16 port) {
  return tables->port_actions[port];
}

PENSTOCK_INLINE int penstock_compare_addresses(const struct penstock_address *a,
                                               const struct penstock_address *b) {
  for (int i = 0; i < 4; ++i) {
    if (a->word[i] != b->word[i]) return a->word[i] < b->word[i] ? -1 : 1;
  }
  return 0;
}

PENSTOCK_INLINE int penstock_is_listed(const struct penstock_tables *tables,
                                       const struct penstock_address *address) {
  __u32 low = 0, high = tables->address_count;
  while (low < high) {
    const __u32 middle = low + (high - low) / 2;
    const int order = penstock_compare_addresses(&tables->addresses[middle], address);
    if (order == 0) return 1;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return 0;
}

PENSTOCK_INLINE int penstock_udp_sum_is_right(const struct penstock_tables *tables, const __u8 *frame,
                                              const __u8 *udp, const __u8 *end, __u32 udp_length,
                                              __u64 address_sum) {
  (void)tables;
  (void)frame;
  return penstock_sum_udp(udp, end, udp_length, address_sum) == 0xffff;
}

#endif /* PENSTOCK_TABLES */

PENSTOCK_INLINE int penstock_is_local(const struct penstock_policy *policy,
                                      const struct penstock_tables *tables, __u32 address) {
  if (address == policy->addresses[0] || address == policy->addresses[1] || address == policy->addresses[2] ||
      address == policy->addresses[3])
    return 1;
  if (policy->flags & PENSTOCK_MORE_ADDRESSES) {
    const struct penstock_address mapped = {{0, 0, PENSTOCK_NET32(0xffff), address}};
    return penstock_is_listed(tables, &mapped);
  }
  return 0;
}

/* The address checks of Linux's ip_route_input_slow() that need no routing table: martian sources
 * are dropped there, and loopback, multicast and broadcast destinations are left to it. */
PENSTOCK_INLINE enum penstock_reason penstock_check_ipv4(const __u8 *ip, const struct penstock_policy *policy,
                                                         const struct penstock_tables *tables) {
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
    if (penstock_is_local(policy, tables, source)) return PENSTOCK_OWN_SOURCE;
    if (!penstock_is_local(policy, tables, destination)) return PENSTOCK_DESTINATION;
  }
  return PENSTOCK_TAKEN;
}

/* The same for IPv6. Addresses whose upper half is zero (unspecified, loopback, IPv4-mapped,
 * IPv4-compatible) are dropped by ip6_rcv_core() or in doubt. */
PENSTOCK_INLINE enum penstock_reason penstock_check_ipv6(const __u8 *ip, const struct penstock_policy *policy,
                                                         const struct penstock_tables *tables) {
  const struct penstock_address source = {{penstock_load32(ip + 8), penstock_load32(ip + 12),
                                           penstock_load32(ip + 16), penstock_load32(ip + 20)}};
  const struct penstock_address destination = {{penstock_load32(ip + 24), penstock_load32(ip + 28),
                                                penstock_load32(ip + 32), penstock_load32(ip + 36)}};

  if (ip[8] == 0xff || (source.word[0] | source.word[1]) == 0) return PENSTOCK_MARTIAN_SOURCE;
  if (ip[24] == 0xff || (destination.word[0] | destination.word[1]) == 0) return PENSTOCK_DESTINATION;
  if (policy->flags & PENSTOCK_CHECK_ADDRESS) {
    if (penstock_is_listed(tables, &source)) return PENSTOCK_OWN_SOURCE;
    if (!penstock_is_listed(tables, &destination)) return PENSTOCK_DESTINATION;
  }
  return PENSTOCK_TAKEN;
}

PENSTOCK_INLINE int penstock_is_for_us(const __u8 *frame, const struct penstock_policy *policy) {
  return !(policy->flags & PENSTOCK_CHECK_MAC) ||
         (penstock_load32(frame) == penstock_load32(policy->mac) &&
          penstock_load16(frame + 4) == penstock_load16(policy->mac + 4));
}

/* Steps over one or two priority tags; *ip stands at the first and ends behind the last. */
PENSTOCK_INLINE enum penstock_reason penstock_skip_tags(const __u8 **ip, const __u8 *end, __u16 *ethertype) {
  for (int i = 0; i < 2; ++i) {
    const __u8 *tag = *ip;
    if (tag + PENSTOCK_TAG_BYTES > end) return PENSTOCK_SHORT_FRAME;
    if (penstock_load16(tag) & PENSTOCK_NET16(0x0fff)) return PENSTOCK_VLAN;
    *ethertype = penstock_load16(tag + 2);
    *ip = tag + PENSTOCK_TAG_BYTES;
    if (!penstock_is_tag(*ethertype)) return PENSTOCK_TAKEN;
  }
  return PENSTOCK_VLAN;
}

/* Judges from the IPv4 header on. */
PENSTOCK_INLINE enum penstock_reason penstock_classify_ipv4(const __u8 *frame, const __u8 *ip,
                                                            const __u8 *end,
                                                            const struct penstock_policy *policy,
                                                            const struct penstock_tables *tables,
                                                            struct penstock_payload *payload) {
  const __u8 *const udp = ip + PENSTOCK_IPV4_BYTES;
  enum penstock_reason reason;
  __u32 total_length, udp_length;

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
  if (!penstock_port_action(tables, PENSTOCK_NET16(penstock_load16(udp + 2)))) return PENSTOCK_PORT;
  if (penstock_ipv4_sum(ip) != 0xffff) return PENSTOCK_IP_CHECKSUM;

  udp_length = PENSTOCK_NET16(penstock_load16(udp + 4));
  if (udp_length < PENSTOCK_UDP_BYTES || udp_length > total_length - PENSTOCK_IPV4_BYTES)
    return PENSTOCK_UDP_LENGTH;

  if (!penstock_is_for_us(frame, policy)) return PENSTOCK_DESTINATION_MAC;
  reason = penstock_check_ipv4(ip, policy, tables);
  if (reason != PENSTOCK_TAKEN) return reason;
  if ((__u64)(end - frame) > policy->max_frame) return PENSTOCK_OVERSIZE;
  if ((policy->flags & PENSTOCK_VERIFY_UDP_CHECKSUM) && penstock_load16(udp + 6) != 0 &&
      !penstock_udp_sum_is_right(tables, frame, udp, end, udp_length,
                                 (__u64)penstock_load32(ip + 12) + penstock_load32(ip + 16)))
    return PENSTOCK_UDP_CHECKSUM;

  payload->offset = (__u16)(udp + PENSTOCK_UDP_BYTES - frame);
  payload->length = (__u16)(udp_length - PENSTOCK_UDP_BYTES);
  payload->ip_version = 4;
  return PENSTOCK_TAKEN;
}

/* Why a next header other than UDP is passed. */
PENSTOCK_INLINE enum penstock_reason penstock_next_header(__u8 next) {
  switch (next) {
    case 44:
      return PENSTOCK_FRAGMENT;
    case 47:
      return PENSTOCK_GRE;
    case 0:   /* hop by hop */
    case 43:  /* routing */
    case 50:  /* ESP */
    case 51:  /* authentication */
    case 60:  /* destination options */
    case 135: /* mobility */
      return PENSTOCK_IPV6_EXTENSION;
    default:
      return PENSTOCK_PROTOCOL;
  }
}

/* Judges from the IPv6 header on: the same steps, without options and header checksum. */
PENSTOCK_INLINE enum penstock_reason penstock_classify_ipv6(const __u8 *frame, const __u8 *ip,
                                                            const __u8 *end,
                                                            const struct penstock_policy *policy,
                                                            const struct penstock_tables *tables,
                                                            struct penstock_payload *payload) {
  const __u8 *const udp = ip + PENSTOCK_IPV6_BYTES;
  enum penstock_reason reason;
  __u32 ip_payload, udp_length;
  __u64 address_sum = 0;

  if (udp > end) return PENSTOCK_SHORT_FRAME;
  if ((ip[0] >> 4) != 6) return PENSTOCK_IP_VERSION;
  if (ip[6] != 17) return penstock_next_header(ip[6]);
  ip_payload = PENSTOCK_NET16(penstock_load16(ip + 4));
  if (ip_payload < PENSTOCK_UDP_BYTES || udp + PENSTOCK_UDP_BYTES > end || ip_payload > (__u64)(end - udp))
    return PENSTOCK_IP_LENGTH;

  if (!penstock_port_action(tables, PENSTOCK_NET16(penstock_load16(udp + 2)))) return PENSTOCK_PORT;
  udp_length = PENSTOCK_NET16(penstock_load16(udp + 4));
  if (udp_length < PENSTOCK_UDP_BYTES || udp_length > ip_payload) return PENSTOCK_UDP_LENGTH;
  if (penstock_load16(udp + 6) == 0) return PENSTOCK_UDP_NO_CHECKSUM;

  if (!penstock_is_for_us(frame, policy)) return PENSTOCK_DESTINATION_MAC;
  reason = penstock_check_ipv6(ip, policy, tables);
  if (reason != PENSTOCK_TAKEN) return reason;
  if ((__u64)(end - frame) > policy->max_frame) return PENSTOCK_OVERSIZE;
  if (policy->flags & PENSTOCK_VERIFY_UDP_CHECKSUM) {
    for (int i = 8; i < PENSTOCK_IPV6_BYTES; i += 4)
      address_sum += penstock_load32(ip + i);
    if (!penstock_udp_sum_is_right(tables, frame, udp, end, udp_length, address_sum))
      return PENSTOCK_UDP_CHECKSUM;
  }

  payload->offset = (__u16)(udp + PENSTOCK_UDP_BYTES - frame);
  payload->length = (__u16)(udp_length - PENSTOCK_UDP_BYTES);
  payload->ip_version = 6;
  return PENSTOCK_TAKEN;
}

/*
 * Judges the frame [data, data_end). Returns PENSTOCK_TAKEN and fills *payload when it is ours, the
 * reason for passing it otherwise. `tables` goes to the hooks untouched.
 * Reads nothing outside [data, data_end); any length, also zero, is allowed.
 */
PENSTOCK_INLINE enum penstock_reason penstock_classify(const void *data, const void *data_end,
                                                       const struct penstock_policy *policy,
                                                       const struct penstock_tables *tables,
                                                       struct penstock_payload *payload) {
  const __u8 *const frame = (const __u8 *)data;
  const __u8 *const end = (const __u8 *)data_end;
  const __u8 *ip = frame + PENSTOCK_ETHERNET_BYTES;
  __u16 ethertype;

  payload->offset = 0;
  payload->length = 0;
  payload->ip_version = 0;

  if (ip > end) return PENSTOCK_SHORT_FRAME;
  ethertype = penstock_load16(frame + 12);
  if (ethertype != PENSTOCK_ETHERTYPE_IPV4) {
    if (penstock_is_tag(ethertype)) {
      enum penstock_reason reason;
      if (!(policy->flags & PENSTOCK_TAKE_VLAN)) return PENSTOCK_VLAN;
      reason = penstock_skip_tags(&ip, end, &ethertype);
      if (reason != PENSTOCK_TAKEN) return reason;
    }
    if (ethertype == PENSTOCK_ETHERTYPE_IPV6) {
      if (!(policy->flags & PENSTOCK_TAKE_IPV6)) return PENSTOCK_IPV6;
      return penstock_classify_ipv6(frame, ip, end, policy, tables, payload);
    }
    if (ethertype != PENSTOCK_ETHERTYPE_IPV4) return PENSTOCK_ETHERTYPE;
  }
  return penstock_classify_ipv4(frame, ip, end, policy, tables, payload);
}

/*
 * Where the payload of a frame lies that the XDP program has already taken: the engine's half of the
 * kernel filter, without judging again. Never points outside the frame, whatever the bytes say; all
 * zero for a frame that cannot have been taken: too short for the headers that it announces.
 */
PENSTOCK_INLINE struct penstock_payload penstock_payload_of_taken(const void *data, __u32 length) {
  const __u8 *const frame = (const __u8 *)data;
  struct penstock_payload payload = {0, 0, 0};
  __u32 udp = PENSTOCK_ETHERNET_BYTES + PENSTOCK_IPV4_BYTES;
  __u32 udp_length, room;
  __u16 ethertype, version = 4;

  if (length < PENSTOCK_PAYLOAD_OFFSET) return payload;
  ethertype = penstock_load16(frame + 12);
  if (ethertype != PENSTOCK_ETHERTYPE_IPV4) {
    __u32 ip = PENSTOCK_ETHERNET_BYTES;
    for (; penstock_is_tag(ethertype) && ip < PENSTOCK_ETHERNET_BYTES + 2 * PENSTOCK_TAG_BYTES;
         ip += PENSTOCK_TAG_BYTES)
      ethertype = penstock_load16(frame + ip + 2);
    if (ethertype == PENSTOCK_ETHERTYPE_IPV6) version = 6;
    udp = ip + (version == 6 ? PENSTOCK_IPV6_BYTES : PENSTOCK_IPV4_BYTES);
    if (udp + PENSTOCK_UDP_BYTES > length) return payload;
  }
  udp_length = PENSTOCK_NET16(penstock_load16(frame + udp + 4));
  room = length - udp - PENSTOCK_UDP_BYTES;
  payload.offset = (__u16)(udp + PENSTOCK_UDP_BYTES);
  payload.ip_version = version;
  if (udp_length >= PENSTOCK_UDP_BYTES)
    payload.length = (__u16)(udp_length - PENSTOCK_UDP_BYTES < room ? udp_length - PENSTOCK_UDP_BYTES : room);
  return payload;
}

#endif /* PENSTOCK_BPF_CLASSIFY_H_ */
