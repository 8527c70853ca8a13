/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * take_all: which frames it leaves to the host's stack without asking the engine.
 *
 *   engine stalled   the dead-man's switch: an engine that no longer goes round cannot cut the host off
 *   out of scope     with scope `udp`, whatever is not a whole IPv4 UDP datagram never leaves the kernel
 *
 * The engine writes struct penstock_engine through the mapping of the program's memory, one naturally
 * aligned word at a time; the program reads it for every frame. Included behind classify.h, in the
 * subset of C that the BPF verifier and a C++ compiler accept.
 */
#ifndef PENSTOCK_BPF_TAKE_ALL_H_
#define PENSTOCK_BPF_TAKE_ALL_H_

#include "bpf/classify.h"

enum penstock_scope {
  PENSTOCK_SCOPE_ALL, /* every frame, as the original comparison */
  PENSTOCK_SCOPE_UDP, /* ethertype 0x0800 and protocol 17; fragments pass */
};

/* A tile's clock that is this value is never late: there is no such tile. */
#define PENSTOCK_NO_TILE (~0ull)

/* Twice the longest wait of a tile (50 ms), so that only a tile that hangs is late. */
#define PENSTOCK_STALL_NS 100000000ull

struct penstock_engine {
  __u64 net_clock;    /* CLOCK_MONOTONIC in ns when the net tile last went round; 0: never yet */
  __u64 return_clock; /* the return tile's */
  __u32 scope;        /* enum penstock_scope */
  __u32 reserved;
};

/* now: CLOCK_MONOTONIC in ns; the coarse one will do, which may be some ms behind. */
PENSTOCK_INLINE int penstock_is_stalled(const struct penstock_engine *engine, __u64 now) {
  const __u64 net = *(const volatile __u64 *)&engine->net_clock;
  const __u64 back = *(const volatile __u64 *)&engine->return_clock;
  const __u64 older = net < back ? net : back;
  return now > older && now - older > PENSTOCK_STALL_NS;
}

/* PENSTOCK_TAKEN for a frame inside scope `udp`, else why it is outside. */
PENSTOCK_INLINE enum penstock_reason penstock_udp_scope(const void *data, const void *data_end) {
  const __u8 *const ip = (const __u8 *)data + PENSTOCK_ETHERNET_BYTES;
  const __u8 *const end = (const __u8 *)data_end;
  __u16 ethertype;

  if (ip > end) return PENSTOCK_SHORT_FRAME;
  ethertype = penstock_load16(ip - 2);
  if (ethertype == PENSTOCK_NET16(0x8100) || ethertype == PENSTOCK_NET16(0x88a8)) return PENSTOCK_VLAN;
  if (ethertype == PENSTOCK_NET16(0x86dd)) return PENSTOCK_IPV6;
  if (ethertype != PENSTOCK_NET16(0x0800)) return PENSTOCK_ETHERTYPE;
  if (ip + PENSTOCK_IPV4_BYTES > end) return PENSTOCK_SHORT_FRAME;
  if (ip[9] != 17) return ip[9] == 47 ? PENSTOCK_GRE : PENSTOCK_PROTOCOL;
  if (penstock_load16(ip + 6) & PENSTOCK_NET16(0x3fff)) return PENSTOCK_FRAGMENT;
  return PENSTOCK_TAKEN;
}

#endif /* PENSTOCK_BPF_TAKE_ALL_H_ */
