// Program ids by netlink, names and links by bpf().
#include "engine/xdp/xdp_holder.h"

#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <utility>

#include <fmt/format.h>

#include "engine/base/unique_fd.h"

namespace penstock {
namespace {

std::string program_name(std::uint32_t id) {
  const UniqueFd fd(bpf_prog_get_fd_by_id(id));
  bpf_prog_info info{};
  __u32 length = sizeof(info);
  return fd && bpf_obj_get_info_by_fd(fd.get(), &info, &length) == 0 ? info.name : "";
}

// The link by which this program is attached to this interface; 0 when there is none.
std::uint32_t link_of(std::uint32_t program_id, unsigned interface_index) {
  for (std::uint32_t id = 0; bpf_link_get_next_id(id, &id) == 0;) {
    const UniqueFd fd(bpf_link_get_fd_by_id(id));
    bpf_link_info info{};
    __u32 length = sizeof(info);
    if (fd && bpf_obj_get_info_by_fd(fd.get(), &info, &length) == 0 && info.type == BPF_LINK_TYPE_XDP &&
        info.prog_id == program_id && info.xdp.ifindex == interface_index)
      return id;
  }
  return 0;
}

}  // namespace

std::vector<XdpHolder> xdp_holders(unsigned interface_index) {
  LIBBPF_OPTS(bpf_xdp_query_opts, query);
  if (bpf_xdp_query(static_cast<int>(interface_index), 0, &query) != 0) return {};
  std::vector<XdpHolder> holders;
  for (const auto& [id, mode] :
       {std::pair{query.drv_prog_id, "native"}, std::pair{query.skb_prog_id, "generic"},
        std::pair{query.hw_prog_id, "offloaded"}}) {
    if (id != 0) holders.push_back({id, program_name(id), mode, link_of(id, interface_index)});
  }
  return holders;
}

std::string foreign_program_advice(const std::string& interface, const std::vector<XdpHolder>& holders) {
  if (holders.empty()) return "another XDP program held the interface and has gone: try again";
  std::string programs, ways;
  for (const XdpHolder& one : holders) {
    const std::string name = one.program_name.empty() ? "of unknown name" : one.program_name;
    const std::string link = one.link_id == 0 ? "" : fmt::format(", by bpf_link {}", one.link_id);
    programs += fmt::format("{}program {} (id {}, {}{})", programs.empty() ? "" : " and ", name,
                            one.program_id, one.mode, link);
    ways += ways.empty() ? "" : ", ";
    if (one.link_id != 0) {
      ways +=
          fmt::format("stop the process that holds the link, or `bpftool link detach id {}`", one.link_id);
    } else {
      ways += fmt::format("stop its owner, or `ip link set dev {} {} off`", interface,
                          one.mode == "native"    ? "xdpdrv"
                          : one.mode == "generic" ? "xdpgeneric"
                                                  : "xdpoffload");
    }
  }
  return fmt::format("the interface already runs {}: {}", programs, ways);
}

}  // namespace penstock
