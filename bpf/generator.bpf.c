// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Sends the frames of the slot ring (bpf/generator.h) out of one interface. Testbed only.
 *
 * Run by BPF_PROG_TEST_RUN with BPF_F_TEST_XDP_LIVE_FRAMES: each run gets a page of the kernel's and may
 * redirect it. Pages come back with the bytes of an earlier run and with whatever the receiver's program
 * wrote into them, so every run writes every byte and the length, unless all frames are the same. A run that
 * has nothing to send drops its page, about 50 ns: that is what pacing waits with.
 *
 * One thread runs this at a time, or one on each of several CPUs, each with indices of its own, over slots
 * that nobody refills. One program for all of them, because a program's first call waits for two RCU grace
 * periods (the XDP dispatcher takes it in), and beside another one's call, which leaves RCU's read side only
 * when its core is wanted, that has taken seconds (26 at most).
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bpf/generator.h"

/* Set before load. */
const volatile __u32 out_ifindex;
const volatile __u32 mask;    /* slots - 1, slots a power of two */
const volatile __u32 paced;   /* 0: due times are not looked at */
const volatile __u64 gap;     /* ns; penstock_generator_due() */
const volatile __u64 rate;    /* frames/s of a looped workload, whose slots have no due times; 0: they have */
const volatile __u32 same;    /* 1: pages come with the only frame, and nothing but a stamp is written */
const volatile __u32 several; /* 1: generators[n] is that of CPU first_cpu + n; 0: of whichever runs this */
const volatile __u32 first_cpu;
const volatile __u32 stamped; /* 1: each frame ends with the time at which it leaves, 8 bytes, host order */

struct penstock_generator generators[PENSTOCK_GENERATORS];
__u32 windows[PENSTOCK_GENERATORS * PENSTOCK_WINDOWS];

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 64); /* set before load */
  __type(key, __u32);
  __type(value, struct penstock_slot);
} slots SEC(".maps");

/* Whether the next frame may leave; counts it in its window. */
static __attribute__((always_inline)) inline int is_due(struct penstock_generator *g, __u32 index,
                                                        __u64 due) {
  __u64 window;

  if (penstock_generator_due(g, due, gap, bpf_ktime_get_ns()) != PENSTOCK_SEND) return 0;
  window = (g->last - g->start) / PENSTOCK_WINDOW_NS;
  if (window < PENSTOCK_WINDOWS) {
    asm volatile("" : "+r"(window)); /* or the compiler leaves out the mask, which the verifier needs */
    windows[index * PENSTOCK_WINDOWS + (window & (PENSTOCK_WINDOWS - 1))]++;
  }
  return 1;
}

/* 0, or the frame cannot be sent. */
static __attribute__((always_inline)) inline long write_frame(struct xdp_md *ctx,
                                                              struct penstock_slot *slot) {
  const __u32 length = *(volatile __u32 *)&slot->length;

  if (length < PENSTOCK_SHORTEST_FRAME || length > PENSTOCK_SLOT_BYTES) return -1;
  return bpf_xdp_adjust_tail(ctx, (int)length - (int)bpf_xdp_get_buff_len(ctx)) ||
         bpf_xdp_store_bytes(ctx, 0, slot->bytes, length);
}

static __attribute__((always_inline)) inline long stamp(struct xdp_md *ctx) {
  const __u32 length = (__u32)bpf_xdp_get_buff_len(ctx);
  const __u64 now = bpf_ktime_get_ns();

  if (length < PENSTOCK_SHORTEST_FRAME + sizeof(now)) return 0;
  return bpf_xdp_store_bytes(ctx, length - sizeof(now), (void *)&now, sizeof(now));
}

SEC("xdp")
int generate(struct xdp_md *ctx) {
  const __u32 index = several ? (bpf_get_smp_processor_id() - first_cpu) & (PENSTOCK_GENERATORS - 1) : 0;
  struct penstock_generator *g = &generators[index];
  struct penstock_slot *slot;
  __u32 key;

  if (!penstock_generator_filled(g)) return XDP_DROP;
  key = (__u32)g->next & mask;
  slot = bpf_map_lookup_elem(&slots, &key);
  if (!slot) return XDP_ABORTED;

  if (paced) {
    if (!is_due(g, index, rate ? g->next * 1000000000ull / rate : slot->due)) return XDP_DROP;
  } else if (g->next % PENSTOCK_GENERATOR_BATCH == 0 || g->next + 1 == g->total) {
    g->last = bpf_ktime_get_ns();
    if (!g->start) g->start = g->last;
  }
  if ((!same && write_frame(ctx, slot)) || (stamped && stamp(ctx))) {
    g->malformed++;
    penstock_generator_sent(g);
    return XDP_DROP;
  }
  penstock_generator_sent(g);
  return (int)bpf_redirect(out_ifindex, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
