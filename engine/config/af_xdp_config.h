// The table [receiver] as the AF_XDP receiver takes it. Thread safety: a pure function.
#pragma once

#include <cstdint>

#include "engine/config/receiver_spec.h"
#include "engine/receive/af_xdp_receiver.h"

namespace penstock {

// All that the table and an AF_XDP path say. `queues`: of the interface. The caller adds interface, ports,
// host policy and whatever is its own.
inline AfXdpConfig af_xdp_config(const ReceiverSpec& spec, Path path, std::uint32_t queues) {
  return {
      .filter = path == Path::kUserspaceFilter ? Filter::kUserspace : Filter::kKernel,
      .classifier = {.vlan = spec.vlan, .ipv6 = spec.ipv6, .verify_udp_checksum = spec.verify_udp_checksum},
      .queues = sockets_on(spec, queues),
      .rx_entries = spec.rx_entries,
      .fill_frames = spec.fill_frames,
      .max_payload = spec.max_payload,
      .scope = spec.scope,
      .return_depth = spec.return_depth,
      .port_map = spec.port_map,
      .loader = spec.loader,
      .huge_pages = spec.huge_pages,
      .companion = spec.companion,
      .attach_mode = spec.attach};
}

}  // namespace penstock
