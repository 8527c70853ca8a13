// Two instructions and a link.
#include "sim/topology/xdp_dropper.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

#include <bpf/bpf.h>

#include <array>
#include <utility>

namespace penstock {

Result<XdpDropper> XdpDropper::attach(const NetNamespace& ns, unsigned interface_index) {
  return run_in(ns, [&]() -> Result<XdpDropper> {
    const std::array<bpf_insn, 2> code = {
        bpf_insn{.code = BPF_ALU64 | BPF_MOV | BPF_K,
                 .dst_reg = BPF_REG_0,
                 .src_reg = 0,
                 .off = 0,
                 .imm = XDP_DROP},
        bpf_insn{.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
    UniqueFd program(
        bpf_prog_load(BPF_PROG_TYPE_XDP, "drop_all", "Dual BSD/GPL", code.data(), code.size(), nullptr));
    if (!program) return fail("load a program that drops everything", errno);
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
    UniqueFd link(bpf_link_create(program.get(), static_cast<int>(interface_index), BPF_XDP, &options));
    if (!link) return fail("attach a program that drops everything", errno);
    return XdpDropper(std::move(program), std::move(link));
  });
}

}  // namespace penstock
