// [receiver] of a scenario file: how the engine is configured, beyond ports and filter. The defaults are the
// engine's own, but for the companion socket, which a scenario has unless it says otherwise.
#pragma once

#include <cstdint>

#include "engine/config/toml_reader.h"
#include "engine/receive/companion_socket.h"
#include "engine/xdp/receiver_program.h"

namespace penstock {

struct ReceiverSpec {
  Companion companion = Companion::kOwn;
  TakeScope scope = TakeScope::kAll;  // of the userspace filter
  AttachMode attach = AttachMode::kNative;
  PortMap port_map = PortMap::kArray;  // of the kernel filter
  std::uint32_t sockets = 0;           // on queues 0 to sockets - 1; 0: on every queue of the demand
  std::uint32_t rx_entries = 4096;
  std::uint32_t fill_frames = 0;  // of each queue; 0: twice rx_entries
  std::uint32_t max_payload = 1472;
  bool vlan = false;  // these three are the classifier's options
  bool ipv6 = false;
  bool verify_udp_checksum = false;
};

// Mistakes are noted in the document.
ReceiverSpec read_receiver_spec(TomlReader table);

}  // namespace penstock
