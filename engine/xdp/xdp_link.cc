// BPF_LINK_CREATE and BPF_LINK_UPDATE, and what their refusals mean.
#include "engine/xdp/xdp_link.h"

#include <errno.h>
#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <fmt/format.h>

#include "engine/xdp/xdp_holder.h"

namespace penstock {
namespace {

std::string attach_advice(int code, const XdpPlace& place) {
  switch (code) {
    case EBUSY:
    case EEXIST:
      return foreign_program_advice(place.interface, xdp_holders(place.interface_index));
    case EOPNOTSUPP:
      return fmt::format("the driver has no native XDP: use {}generic mode",
                         place.filter == Filter::kKernel ? "" : "the kernel filter in ");
    case ERANGE:
    case EINVAL:
      return fmt::format(
          "the interface's MTU or queues do not allow native XDP: lower the MTU (`ip link set dev {} mtu "
          "1500`)",
          place.interface);
    case EPERM:
      return "run as root, or grant CAP_BPF and CAP_NET_ADMIN";
    default:
      return "";
  }
}

}  // namespace

std::string_view to_string(AttachMode mode) {
  return mode == AttachMode::kNative ? "native" : "generic";
}

Result<UniqueFd> attach_xdp(int program, const XdpPlace& place) {
  LIBBPF_OPTS(bpf_link_create_opts, options,
              .flags = place.mode == AttachMode::kNative ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE);
  const int fd = bpf_link_create(program, static_cast<int>(place.interface_index), BPF_XDP, &options);
  if (fd >= 0) return UniqueFd(fd);
  return fail(fmt::format("attach the XDP program to {} in {} mode", place.interface, to_string(place.mode)),
              -fd, attach_advice(-fd, place));
}

Status replace_xdp(int link, int running, int program) {
  // Only in place of our own program, should somebody else have updated the link.
  LIBBPF_OPTS(bpf_link_update_opts, options, .flags = BPF_F_REPLACE,
              .old_prog_fd = static_cast<__u32>(running));
  const int code = -bpf_link_update(link, program, &options);
  if (code == 0) return {};
  return fail("replace the XDP program", code,
              code == EPERM ? "another process has put its program into our link: restart the engine" : "");
}

}  // namespace penstock
