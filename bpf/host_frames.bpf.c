// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Counts the frames that a host's own stack sends through an interface, on its clsact egress.
 *
 * Frames of the testbed's generator carry its mark (SO_MARK) and are left out; those of AF_XDP and live
 * frames never get here. A TCP send may still be one large frame here that is cut
 * up behind this hook: gso_segs says how many frames it becomes.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

/* Set before load. */
const volatile __u32 generator_mark;

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} frames SEC(".maps");

SEC("tc")
int count_host_frame(struct __sk_buff *skb) {
  const __u32 zero = 0;
  __u64 *count;

  if (skb->mark == generator_mark) return TC_ACT_OK;
  count = bpf_map_lookup_elem(&frames, &zero);
  if (count) *count += skb->gso_segs > 1 ? skb->gso_segs : 1;
  return TC_ACT_OK;
}

char _license[] SEC("license") = "Dual BSD/GPL";
