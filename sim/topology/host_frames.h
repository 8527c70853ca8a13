// How many frames the host's own stack sends through an interface: ARP, answers, ICMP errors, a test's TCP.
// The named counter behind `host_frames`, so that a device's total is never explained by a remainder.
//
// Counted by a BPF program on the clsact egress (bpf/host_frames.bpf.c). The testbed's generator marks its
// frames (generator_mark.h), or goes past the egress (AF_XDP, live frames). A frame is counted before the
// driver takes or drops it: it is in the device's tx_packets or in its tx_dropped.
//
// Qdisc and program go with the interface. Needs CAP_BPF and CAP_NET_ADMIN. Thread safety: const methods
// from any thread.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/result.h"
#include "sim/topology/linked_hosts.h"

namespace penstock {

class HostFrames {
 public:
  // The interface must have no clsact yet.
  static Result<HostFrames> attach(const LinkedHosts::End& end);

  HostFrames(HostFrames&&) noexcept;
  HostFrames& operator=(HostFrames&&) noexcept;
  ~HostFrames();

  // Since attach(), summed over CPUs.
  Result<std::uint64_t> read() const;

 private:
  struct Loaded;

  explicit HostFrames(std::unique_ptr<Loaded> loaded);

  std::unique_ptr<Loaded> loaded_;
};

}  // namespace penstock
