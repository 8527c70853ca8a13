/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Bytes of packets, for the classifier: unaligned loads, network-order constants, header sizes,
 * checksums. Compiled for BPF and as C++. Thread safety: pure functions over their arguments.
 */
#ifndef PENSTOCK_BPF_PACKET_BYTES_H_
#define PENSTOCK_BPF_PACKET_BYTES_H_

#include <linux/types.h>

/* Loads: plain on BPF, where the verifier allows unaligned packet access; memcpy in C++, where the
 * language does not. */
#if defined(__bpf__)
#define PENSTOCK_INLINE static __attribute__((always_inline)) inline
PENSTOCK_INLINE __u16 penstock_load16(const void *p) { return *(const __u16 *)p; }
PENSTOCK_INLINE __u32 penstock_load32(const void *p) { return *(const __u32 *)p; }
/* Keeps the compiler from computing a pointer anew out of `end`, which the verifier forbids. */
#define PENSTOCK_KEEP(pointer) __asm__ volatile("" : "+r"(pointer))
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
#define PENSTOCK_KEEP(pointer) (void)(pointer)
#endif

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "written for little-endian hosts: the network-order constants below are swapped by hand"
#endif
#define PENSTOCK_NET16(x) ((__u16)((((x)&0xffu) << 8) | (((x) >> 8) & 0xffu)))
#define PENSTOCK_NET32(x) __builtin_bswap32(x)

#define PENSTOCK_ETHERNET_BYTES 14
#define PENSTOCK_TAG_BYTES 4
#define PENSTOCK_IPV4_BYTES 20
#define PENSTOCK_IPV6_BYTES 40
#define PENSTOCK_UDP_BYTES 8
/* Of a taken IPv4 frame without tags; nothing shorter is ever taken. */
#define PENSTOCK_PAYLOAD_OFFSET (PENSTOCK_ETHERNET_BYTES + PENSTOCK_IPV4_BYTES + PENSTOCK_UDP_BYTES)

#define PENSTOCK_ETHERTYPE_IPV4 PENSTOCK_NET16(0x0800)
#define PENSTOCK_ETHERTYPE_IPV6 PENSTOCK_NET16(0x86dd)

PENSTOCK_INLINE int penstock_is_tag(__u16 ethertype) {
  return ethertype == PENSTOCK_NET16(0x8100) || ethertype == PENSTOCK_NET16(0x88a8);
}

/* Ones' complement sums (RFC 1071) are of words as they lie in memory; folded to 16 bits, a sum over
 * bytes that hold their own right checksum is 0xffff. */
PENSTOCK_INLINE __u32 penstock_fold(__u64 sum) {
  sum = (sum & 0xffffffffu) + (sum >> 32);
  sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (__u32)sum;
}

PENSTOCK_INLINE __u32 penstock_ipv4_sum(const __u8 *ip) {
  return penstock_fold((__u64)penstock_load32(ip) + penstock_load32(ip + 4) + penstock_load32(ip + 8) +
                       penstock_load32(ip + 12) + penstock_load32(ip + 16));
}

/* Longest UDP datagram whose checksum is verified: more than a page, the longest frame of one chunk. */
#define PENSTOCK_CHECKSUM_BYTES 4096

/* Folded sum of the pseudo header and the datagram, given the sum of the addresses: 0xffff when its
 * checksum is right. 0 when the datagram is longer than the limit above or does not end by `end`. */
PENSTOCK_INLINE __u32 penstock_sum_udp(const __u8 *udp, const __u8 *end, __u32 udp_length,
                                       __u64 address_sum) {
  __u64 sum = address_sum + PENSTOCK_NET16(17) + PENSTOCK_NET16(udp_length);
  const __u8 *at = udp;
  __u32 left = udp_length;
  for (int i = 0; i < PENSTOCK_CHECKSUM_BYTES / 32 && left >= 32; ++i) {
    if (at + 32 > end) return 0; /* never so, here and below: the caller has checked udp_length */
    sum += (__u64)penstock_load32(at) + penstock_load32(at + 4) + penstock_load32(at + 8) +
           penstock_load32(at + 12) + penstock_load32(at + 16) + penstock_load32(at + 20) +
           penstock_load32(at + 24) + penstock_load32(at + 28);
    at += 32;
    left -= 32;
    PENSTOCK_KEEP(at);
  }
  for (int i = 0; i < 7 && left >= 4; ++i) {
    if (at + 4 > end) return 0;
    sum += penstock_load32(at);
    at += 4;
    left -= 4;
    PENSTOCK_KEEP(at);
  }
  if (left >= 4) return 0;
  if (left >= 2) {
    if (at + 2 > end) return 0;
    sum += penstock_load16(at);
    at += 2;
    PENSTOCK_KEEP(at);
  }
  if (left & 1) {
    if (at + 1 > end) return 0;
    sum += *at;
  }
  return penstock_fold(sum);
}

#endif /* PENSTOCK_BPF_PACKET_BYTES_H_ */
