// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The way back to the host for the userspace filter: on the ingress of the engine's TAP, every frame
 * that the engine writes there is redirected to the ingress of the interface that it came from.
 *
 * To the stack it is then a frame of that interface: sockets, AF_PACKET and netfilter see the original
 * one. The native XDP program is not run again, since no driver is involved; a generic one would be, and
 * the frame would go round for ever, which is why the userspace filter refuses generic mode.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

const volatile __u32 original_interface; /* index, in the namespace of the TAP */

SEC("tc")
int to_original_interface(struct __sk_buff *skb) {
  (void)skb;
  return (int)bpf_redirect(original_interface, BPF_F_INGRESS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
