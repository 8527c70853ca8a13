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
#include "engine/base/unique_fd.h"
#include "sim/topology/linked_hosts.h"

namespace penstock {

class HostFrames {
 public:
  // The interface must have no clsact yet.
  static Result<HostFrames> attach(const NetNamespace& ns, const LinkedHosts::Device& device);

  // The same for an interface that does not go with its namespace: the program goes with this object, and
  // with its process, whoever kills it. Errors: EOPNOTSUPP before Linux 6.6, which has no links for it.
  static Result<HostFrames> attach_while_alive(const NetNamespace& ns, const LinkedHosts::Device& device);

  HostFrames(HostFrames&&) noexcept;
  HostFrames& operator=(HostFrames&&) noexcept;
  ~HostFrames();

  // Since attach(), summed over CPUs.
  Result<std::uint64_t> read() const;

 private:
  struct Loaded;

  using Attach = Result<UniqueFd> (*)(int program, const LinkedHosts::Device& device);

  explicit HostFrames(std::unique_ptr<Loaded> loaded);
  static Result<HostFrames> load_and_attach(const NetNamespace& ns, const LinkedHosts::Device& device,
                                            Attach attach);

  std::unique_ptr<Loaded> loaded_;
};

}  // namespace penstock
