// Who holds the XDP slots of an interface, and how it is asked to leave. A slot takes one program; the engine
// never replaces one that is not its own.
//
// Asking needs CAP_SYS_ADMIN for names and links; without it they stay unknown. Thread safety: pure reads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace penstock {

struct XdpHolder {
  std::uint32_t program_id;
  std::string program_name;   // empty: unknown
  std::string mode;           // "native", "generic" or "offloaded"
  std::uint32_t link_id = 0;  // of the bpf_link that holds it; 0: attached by netlink, or unknown

  bool operator==(const XdpHolder&) const = default;
};

// Empty when every slot is free, or when the kernel does not tell.
std::vector<XdpHolder> xdp_holders(unsigned interface_index);

// What to do about them: "the interface already runs program NAME (id N, native, ...): ...", with a command.
std::string foreign_program_advice(const std::string& interface, const std::vector<XdpHolder>& holders);

}  // namespace penstock
