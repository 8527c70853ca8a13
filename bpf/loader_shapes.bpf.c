// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What an object may hold and receiver.bpf.c does not, for the tests of the loaders: constants, initialised
 * and static variables, static functions that call each other, two programs that share a function.
 * The verdict of both programs shows that every value was found: XDP_TX, else XDP_ABORTED.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(key_size, 4);
  __uint(value_size, 8);
} runs SEC(".maps");

const volatile __u32 constant = 0x11223344;
volatile __u32 initialised = 0x55667788;
static volatile __u64 first_static = 1;
static volatile __u64 second_static = 2;
volatile __u64 zeroed[3];

static __attribute__((noinline)) int deeper(__u32 value) { return value == 0x55667788 && second_static == 2; }

static __attribute__((noinline)) int deep(__u32 value) {
  return value == 0x11223344 && first_static == 1 && deeper(initialised);
}

static __attribute__((noinline)) int count(__u32 key) {
  const __u64 one = 1;
  __u64 *found = bpf_map_lookup_elem(&runs, &key);
  zeroed[key & 1]++;
  if (found) {
    ++*found;
    return 0;
  }
  return (int)bpf_map_update_elem(&runs, &key, &one, BPF_ANY);
}

SEC("xdp")
int shapes_of_calls(struct xdp_md *ctx) {
  (void)ctx;
  if (count(0) != 0) return XDP_ABORTED;
  return deep(constant) ? XDP_TX : XDP_ABORTED;
}

SEC("xdp")
int shapes_of_data(struct xdp_md *ctx) {
  (void)ctx;
  if (count(1) != 0) return XDP_ABORTED;
  return deeper(initialised) && zeroed[2] == 0 ? XDP_TX : XDP_ABORTED;
}

char _license[] SEC("license") = "Dual BSD/GPL";
