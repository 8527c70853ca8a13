// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The two XDP programs of the receiver. Both redirect to the AF_XDP socket of the frame's queue:
 *
 *   filter_by_port  classifies in the kernel and redirects what is ours (as Firedancer's);
 *   take_all        redirects every frame of the queue; the engine classifies (as Vexor's).
 *
 * All else is XDP_PASS: no frame is dropped here, and a queue without a socket falls back to the
 * host's stack, as does everything when the engine behind take_all hangs (take_all.h). Every frame raises
 * exactly one slot of `counts` on its CPU.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

/* Port (host order) -> action: 0 pass, anything else take. An array: the JIT inlines its look-up. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 65536);
  __type(key, __u32);
  __type(value, __u8);
} ports SEC(".maps");

static __attribute__((always_inline)) inline __u8 port_action(__u32 port) {
  const __u8 *action = bpf_map_lookup_elem(&ports, &port);
  return action ? *action : 0;
}
#define PENSTOCK_PORT_ACTION(unused, port) port_action(port)

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

SEC("xdp")
int filter_by_port(struct xdp_md *ctx) {
  struct penstock_payload payload;
  const enum penstock_reason reason =
      penstock_classify((void *)(long)ctx->data, (void *)(long)ctx->data_end, &policy, 0, &payload);
  if (reason == PENSTOCK_TAKEN) return redirect(ctx);
  count(reason);
  return XDP_PASS;
}

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
