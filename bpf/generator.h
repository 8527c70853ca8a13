/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The slot ring between a sender (user side) and bpf/generator.bpf.c: the frames that the program sends
 * next, each with the time at which it is due. In the subset of C that the BPF verifier and a C++ compiler
 * accept, so that both sides, and a test without privilege, compile the same steps.
 *
 *        consumed             produced
 *           v                    v
 *   | free  | filled  | filled   | free  |      slot of frame n: n & mask
 *
 * Invariants: produced - consumed <= number of slots; `produced` and a free slot are written by the user
 * side only, `consumed` and what stands behind it by the program only; both count from 0 and never wrap.
 * A looped workload is the exception: its frames stay in their slots, which are as many, so all of the run is
 * `produced` before it.
 *
 * Memory order. The user side writes slots, then stores `produced` with release; it loads `consumed` with
 * acquire before it overwrites a slot. BPF has no acquire or release of its own before Linux 6.15, but an
 * atomic that returns the old value is fully ordered (Documentation/bpf/standardization, BPF_FETCH): the
 * program takes `produced` by a fetch-and-add of 0 and gives `consumed` by an exchange. Both are once a
 * batch, and a plain look comes first, so that an idle program does not take the line from the other side.
 *
 * Times are CLOCK_MONOTONIC in nanoseconds.
 */
#ifndef PENSTOCK_BPF_GENERATOR_H_
#define PENSTOCK_BPF_GENERATOR_H_

#include <linux/types.h>

/* Of a paced run the frames are counted by the window of time that they left in. */
#define PENSTOCK_WINDOW_NS 10000000ull
#define PENSTOCK_WINDOWS 4096u /* those of a longer run are not counted */

#ifndef PENSTOCK_INLINE
#define PENSTOCK_INLINE static inline __attribute__((always_inline))
#endif

/* With the head of a slot 2,048 bytes: beyond any frame of an MTU of 1,500, and whole cache lines. */
#define PENSTOCK_SLOT_BYTES 2032
#define PENSTOCK_SHORTEST_FRAME 14 /* an Ethernet header: the kernel takes nothing shorter */

/* Senders at a time, on as many CPUs, by one program. */
#define PENSTOCK_GENERATORS 16u

/* Frames that may leave at once when late, and how often `consumed` is published. */
#define PENSTOCK_GENERATOR_BATCH 64

struct penstock_slot {
  __u64 due; /* ns after the first frame; never less than the slot before; unused when not paced or looped */
  __u32 length;
  __u32 reserved;
  __u8 bytes[PENSTOCK_SLOT_BYTES];
};

struct penstock_generator {
  /* The user side's. */
  __u64 produced;
  __u64 total; /* frames of the whole run; set before it */
  __u64 pad_[6];

  /* The program's; what the user side may read while it runs is `consumed`. */
  __u64 consumed;
  __u64 next;      /* ahead of `consumed` until it is published */
  __u64 known;     /* `produced` as last seen */
  __u64 start;     /* when the first frame was sent; 0: not yet */
  __u64 last;      /* when the last frame so far was sent; within a batch when not paced */
  __u64 allowed;   /* catching up: not before this time */
  __u64 late;      /* most that a frame was late, ns */
  __u64 skipped;   /* runs that sent nothing because the next frame was not due */
  __u64 starved;   /* runs that sent nothing because the slot was not filled yet */
  __u64 finished;  /* runs after the last frame */
  __u64 malformed; /* slots of a length that no frame has: dropped */
} __attribute__((aligned(64)));

enum penstock_generator_step {
  PENSTOCK_SEND,  /* the frame in slot next & mask; say penstock_generator_sent() behind it */
  PENSTOCK_EMPTY, /* nothing there, or nothing left */
  PENSTOCK_EARLY  /* not due */
};

/* Shows the user side what has been taken. */
PENSTOCK_INLINE void penstock_generator_publish(struct penstock_generator *g) {
  if (g->consumed != g->next) (void)__sync_lock_test_and_set(&g->consumed, g->next);
}

/* Whether the slot of the next frame is filled. */
PENSTOCK_INLINE int penstock_generator_filled(struct penstock_generator *g) {
  if (g->next != g->known) return 1;
  penstock_generator_publish(g);
  if (*(volatile __u64 *)&g->produced != g->known) g->known = __sync_fetch_and_add(&g->produced, 0);
  if (g->next != g->known) return 1;
  if (g->next == g->total) {
    g->finished++;
  } else {
    g->starved++;
  }
  return 0;
}

/*
 * Whether a frame that is `due` after the start may leave now. The first frame sets the start.
 *
 * A generator that was kept from running (its CPU was taken away) is behind; it catches up, but not at once:
 * a batch is free, beyond it frames are `gap` apart, so that the testbed's stall does not become a burst
 * that no ring was made for. gap 0: without that limit.
 */
PENSTOCK_INLINE enum penstock_generator_step penstock_generator_due(struct penstock_generator *g, __u64 due,
                                                                    __u64 gap, __u64 now) {
  const __u64 credit = PENSTOCK_GENERATOR_BATCH * gap;

  if (!g->start) {
    g->start = now - due;
    g->allowed = now > credit ? now - credit : 0;
  }
  if (now < g->start + due || now < g->allowed) {
    g->skipped++;
    penstock_generator_publish(g);
    return PENSTOCK_EARLY;
  }
  if (now - g->start - due > g->late) g->late = now - g->start - due;
  if (g->allowed + credit < now) g->allowed = now - credit;
  g->allowed += gap;
  g->last = now;
  return PENSTOCK_SEND;
}

/* The frame of slot `next` was copied out: the slot is free again. */
PENSTOCK_INLINE void penstock_generator_sent(struct penstock_generator *g) {
  g->next++;
  if (g->next % PENSTOCK_GENERATOR_BATCH == 0) penstock_generator_publish(g);
}

#endif /* PENSTOCK_BPF_GENERATOR_H_ */
