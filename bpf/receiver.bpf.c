// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The XDP programs of the receiver. All redirect to the AF_XDP socket of the frame's queue:
 *
 *   filter_by_port       classifies in the kernel and redirects what is ours (as Firedancer's);
 *   filter_by_port_hash  the same, with the ports in a hash map (as the original comparison's);
 *   take_all             redirects every frame of the queue; the engine classifies (as Vexor's).
 *
 * All else is XDP_PASS: no frame is dropped here, and a queue without a socket falls back to the
 * host's stack, as does everything when the engine behind take_all hangs (take_all.h). Every frame raises
 * exactly one slot of `counts` on its CPU.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bpf/packet_bytes.h"
#include "bpf/policy.h"

/* Port (host order) -> action: 0 pass, anything else take. An array: the JIT inlines its look-up. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 65536);
  __type(key, __u32);
  __type(value, __u8);
} ports SEC(".maps");

/* The same as a hash map; a port that is not there passes. Only filter_by_port_hash reads it. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 256);
  __type(key, __u16);
  __type(value, __u8);
} ports_hash SEC(".maps");

/* This host's addresses that do not stand in the policy: struct penstock_address -> 1. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, PENSTOCK_LISTED_ADDRESSES);
  __type(key, struct penstock_address);
  __type(value, __u8);
} addresses SEC(".maps");

/* What the classifier looks things up in. A local of the programs; the compiler dissolves it. */
struct penstock_tables {
  struct xdp_md *ctx;
  int hash; /* ports_hash, not ports; known at compile time */
};
#define PENSTOCK_TABLES

PENSTOCK_INLINE __u8 penstock_port_action(const struct penstock_tables *tables, __u16 port) {
  const __u32 index = port;
  const __u8 *action =
      tables->hash ? bpf_map_lookup_elem(&ports_hash, &port) : bpf_map_lookup_elem(&ports, &index);
  return action ? *action : 0;
}

PENSTOCK_INLINE int penstock_is_listed(const struct penstock_tables *tables,
                                       const struct penstock_address *address) {
  (void)tables;
  return bpf_map_lookup_elem(&addresses, address) != 0;
}

/* A global function, so that the verifier walks its loop once and not for every way to get there. */
__attribute__((noinline)) __u32 sum_udp(struct xdp_md *ctx, __u32 udp_offset, __u32 udp_length,
                                        __u64 address_sum) {
  const __u8 *const frame = (const __u8 *)(long)ctx->data;
  return penstock_sum_udp(frame + (udp_offset & 0x7f), (const __u8 *)(long)ctx->data_end, udp_length,
                          address_sum);
}

PENSTOCK_INLINE int penstock_udp_sum_is_right(const struct penstock_tables *tables, const __u8 *frame,
                                              const __u8 *udp, const __u8 *end, __u32 udp_length,
                                              __u64 address_sum) {
  (void)end;
  return sum_udp(tables->ctx, (__u32)(udp - frame), udp_length, address_sum) == 0xffff;
}

#include "bpf/classify.h"
#include "bpf/take_all.h"

/* RX queue -> AF_XDP socket. */
struct {
  __uint(type, BPF_MAP_TYPE_XSKMAP);
  __uint(max_entries, 256);
  __type(key, __u32);
  __type(value, __u32);
} sockets SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct penstock_counts);
} counts SEC(".maps");

/* Written by the engine at any time, one naturally aligned 32-bit word after the other: a frame that
 * races with an update may be judged by some old and some new words. */
struct penstock_policy policy;

/* Written by the tiles as they go round. On a line of its own: the policy is only read. */
struct penstock_engine engine __attribute__((aligned(64)));

static __attribute__((always_inline)) inline void count(enum penstock_reason reason) {
  const __u32 zero = 0;
  struct penstock_counts *mine = bpf_map_lookup_elem(&counts, &zero);
  if (mine) mine->by_reason[reason & (PENSTOCK_REASON_SLOTS - 1)]++;
}

/* XDP_PASS in the flags is the verdict for an empty slot: never a black hole. */
static __attribute__((always_inline)) inline int redirect(struct xdp_md *ctx) {
  const long verdict = bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_PASS);
  count(verdict == XDP_REDIRECT ? PENSTOCK_TAKEN : PENSTOCK_NO_SOCKET);
  return (int)verdict;
}

PENSTOCK_INLINE int filter(struct xdp_md *ctx, int hash) {
  const struct penstock_tables tables = {ctx, hash};
  struct penstock_payload payload;
  const enum penstock_reason reason =
      penstock_classify((void *)(long)ctx->data, (void *)(long)ctx->data_end, &policy, &tables, &payload);
  if (reason == PENSTOCK_TAKEN) return redirect(ctx);
  count(reason);
  return XDP_PASS;
}

SEC("xdp")
int filter_by_port(struct xdp_md *ctx) { return filter(ctx, 0); }

SEC("xdp")
int filter_by_port_hash(struct xdp_md *ctx) { return filter(ctx, 1); }

SEC("xdp")
int take_all(struct xdp_md *ctx) {
  const void *const data = (void *)(long)ctx->data;
  const void *const end = (void *)(long)ctx->data_end;
  enum penstock_reason reason = PENSTOCK_TAKEN;

  if (penstock_is_stalled(&engine, bpf_ktime_get_coarse_ns()))
    reason = PENSTOCK_ENGINE_STALLED;
  else if (engine.scope == PENSTOCK_SCOPE_UDP)
    reason = penstock_udp_scope(data, end);
  if (reason == PENSTOCK_TAKEN && ctx->data_end - ctx->data > policy.max_frame) reason = PENSTOCK_OVERSIZE;
  if (reason == PENSTOCK_TAKEN) return redirect(ctx);
  count(reason);
  return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
