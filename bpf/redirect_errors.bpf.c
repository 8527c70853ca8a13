// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Counts failed XDP redirects into one map, by errno (tracepoint xdp:xdp_redirect_err).
 *
 * The tracepoint is the kernel's only report of a redirect to a socket that is unbound or belongs to
 * another queue: no counter of the socket or of XDP_STATISTICS shows those.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define PENSTOCK_ERRNO_SLOTS 256 /* slot 0: an errno beyond the last slot */

/* Set before load. */
const volatile __u32 map_id;

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, PENSTOCK_ERRNO_SLOTS);
  __type(key, __u32);
  __type(value, __u64);
} by_errno SEC(".maps");

/* Arguments: device, program, target, err, map_type, map_id, index (include/trace/events/xdp.h; checked
 * against Linux 6.18 by sim/topology/redirect_errors_test). */
SEC("raw_tp/xdp_redirect_err")
int count_redirect_error(struct bpf_raw_tracepoint_args *ctx) {
  __u32 slot = (__u32)(-(int)ctx->args[3]);
  __u64 *count;

  if ((__u32)ctx->args[5] != map_id) return 0;
  if (slot >= PENSTOCK_ERRNO_SLOTS) slot = 0;
  count = bpf_map_lookup_elem(&by_errno, &slot);
  if (count) (*count)++;
  return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
