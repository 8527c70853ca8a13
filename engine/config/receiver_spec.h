// The table [receiver] of a scenario file and of the file of `penstock run`: how the engine is configured,
// beyond ports and filter. What each key means stands in the default file (default_run_config.cc).
#pragma once

#include <cstdint>

#include "engine/config/toml_reader.h"
#include "engine/receive/companion_socket.h"
#include "engine/xdp/receiver_program.h"
#include "engine/xsk/umem.h"

namespace penstock {

struct ReceiverSpec {
  Companion companion = Companion::kOwn;
  TakeScope scope = TakeScope::kAll;  // of the userspace filter
  AttachMode attach = AttachMode::kNative;
  PortMap port_map = PortMap::kArray;       // of the kernel filter
  Loader loader = Loader::kLibbpf;          // of the XDP program
  HugePages huge_pages = HugePages::kAuto;  // under the UMEM
  std::uint32_t sockets = 0;                // on queues 0 to sockets - 1; 0: on every queue
  std::uint32_t rx_entries = 4096;
  std::uint32_t fill_frames = 0;      // of each queue; 0: default_fill_frames()
  std::uint32_t return_depth = 4096;  // lines of the userspace filter's return link
  std::uint32_t max_payload = 1472;
  bool vlan = false;  // these three are the classifier's options
  bool ipv6 = false;
  bool verify_udp_checksum = false;

  bool operator==(const ReceiverSpec&) const = default;
};

// On how many of an interface's RX queues there is a socket.
inline std::uint32_t sockets_on(const ReceiverSpec& spec, std::uint32_t queues) {
  return spec.sockets != 0 ? spec.sockets : queues;
}

// A power of two of `least` to 32,768.
std::uint32_t read_power_of_two(TomlReader& table, const char* key, std::int64_t least,
                                std::uint32_t fallback);

// What the table leaves out is as in `defaults`. Mistakes are noted in the document.
ReceiverSpec read_receiver_spec(TomlReader table, const ReceiverSpec& defaults = {});

}  // namespace penstock
