// Who says what of the traffic was ours: plain UDP sockets (the kernel as judge), or a receive path with its
// companion socket. Both stand at the receiving end of a stage (stage.h), which feeds them in lockstep.
//
// Thread safety: none; the thread of the stage.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/metrics/counters.h"
#include "engine/receive/af_xdp_receiver.h"
#include "sim/oracle_fuzz/datagram.h"
#include "sim/topology/veth.h"

namespace penstock {

class Witness {
 public:
  virtual ~Witness() = default;

  // Appends the datagrams that have come so far. Never blocks.
  virtual Status take(std::vector<Datagram>& to) = 0;
  // Sleeps until take() may find something, at most `timeout`.
  virtual Status wait(Nanoseconds timeout) = 0;
  // What was lost for want of room since the last call, by name; not for a reason that a frame itself gives.
  virtual Result<std::vector<std::string>> losses() = 0;
  // Whether a datagram comes out that the fast path leaves to the kernel: over IPv4, over IPv6.
  virtual bool hears_slow_way() const = 0;
  virtual bool hears_slow_ipv6() const = 0;
  // What the engine counted so far; all zero for sockets.
  virtual CounterSnapshot counters() const { return {}; }
};

// One UDP socket a port (and for IPv6 another), on every address of the receiver's namespace; with
// `only` on that address alone.
Result<std::unique_ptr<Witness>> open_socket_witness(const VethTopology::End& receiver,
                                                     std::span<const std::uint16_t> ports, bool ipv6,
                                                     Ipv4Address only = {});

// A receive path at the receiver's end. `options` are those of the AF_XDP paths, with interface and filter
// set here; the socket paths take ports and max_payload from it.
Result<std::unique_ptr<Witness>> open_path_witness(const VethTopology::End& receiver, Path path,
                                                   AfXdpConfig options);

}  // namespace penstock
