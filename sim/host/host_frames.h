// How many frames the host of an interface sent by itself (ARP, TCP, ping), beside a generator that sends
// from another MAC on the same interface: the term `host_frames` of the device account.
//
// Counted at the clsact egress of the interface, before the device: a frame that the device then drops
// counts here and as the device's drop. Frames that bypass the host's stack (AF_XDP, live frames) are not
// seen, nor are they the host's.
//
// Needs CAP_BPF and CAP_NET_ADMIN. The program stays with the interface, and goes with it. Thread safety:
// const methods from any thread.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/result.h"
#include "sim/topology/veth.h"

namespace penstock {

class HostFrames {
 public:
  static Result<HostFrames> attach(const VethTopology::End& end);

  HostFrames(HostFrames&&) noexcept;
  HostFrames& operator=(HostFrames&&) noexcept;
  ~HostFrames();

  // Sent since attach().
  Result<std::uint64_t> read() const;

 private:
  struct Loaded;

  explicit HostFrames(std::unique_ptr<Loaded> loaded);

  std::unique_ptr<Loaded> loaded_;
};

}  // namespace penstock
