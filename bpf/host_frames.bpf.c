// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Counts, on the egress of a sender's interface, the frames that its own host sends: those whose source is
 * the interface's MAC. A generator on the same interface sends from another one. Testbed only.
 *
 * Here a TCP send may still be one large frame that is cut up behind this hook: gso_segs says how many
 * frames it becomes.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

/* Set before load; network order, in the lower bytes as in memory. */
const volatile __u8 host_mac[6];

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} host_frames SEC(".maps");

SEC("tc")
int count_host_frame(struct __sk_buff *skb) {
  const __u32 zero = 0;
  __u8 source[6];
  __u64 *count;
  int i;

  if (bpf_skb_load_bytes(skb, 6, source, sizeof(source)) < 0) return TC_ACT_OK;
  for (i = 0; i < 6; i++) {
    if (source[i] != host_mac[i]) return TC_ACT_OK;
  }
  count = bpf_map_lookup_elem(&host_frames, &zero);
  if (count) *count += skb->gso_segs > 1 ? skb->gso_segs : 1;
  return TC_ACT_OK;
}

char _license[] SEC("license") = "Dual BSD/GPL";
