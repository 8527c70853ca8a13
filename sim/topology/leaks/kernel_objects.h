// What exists in the kernel and could stay behind after a run (law 4), by name.
//
//   const KernelObjects before = *KernelObjects::snapshot();
//   ... a run, killed or not ...
//   EXPECT_TRUE(wait_until_gone(KernelObjects::snapshot()->added_since(before), 10 * kSecond));
//
// Covered: BPF programs, maps and links (of the whole machine); interfaces and /proc/sys/net settings of
// the calling thread's network namespace; mounts of its mount namespace; files in /dev/shm and huge pages
// in use; processes that descend from the caller, and the network namespaces that these and the caller hold.
// A namespace that nobody in sight holds is in no list: give it an interface whose peer is here, and it is
// covered by that.
//
// A process whose parent dies stops being a descendant, unless the caller adopts orphans
// (PR_SET_CHILD_SUBREAPER). Other runs on the machine may add BPF objects between two snapshots:
// wait_until_gone() says how they are told from ours.
//
// Needs CAP_SYS_ADMIN for the BPF lists.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"

namespace penstock {

class KernelObjects {
 public:
  static Result<KernelObjects> snapshot();

  // "bpf program 12 filter_by_port", "interface pen-sender", "sysctl net/core/rmem_max = 212992", ...
  const std::set<std::string>& names() const { return names_; }
  // What is here and was not there. A setting that changed counts, with its new value.
  std::vector<std::string> added_since(const KernelObjects& before) const;

 private:
  std::set<std::string> names_;
};

// Until none of `names` is in a snapshot any more. The error names those that stayed.
//
// A BPF object that is still there after ten seconds, or at the end of a shorter `timeout`, is left out when
// nobody in sight holds it (bpf_holders.h): it belongs to a run in another PID namespace, which may keep it
// for minutes. What others in this PID namespace hold counts until the end.
Status wait_until_gone(const std::vector<std::string>& names, Nanoseconds timeout);

}  // namespace penstock
