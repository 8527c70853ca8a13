// The receiver's XDP program on one interface: load, fill its maps, attach, count, detach.
//
//   load()         both programs and their maps into the kernel (verifier messages in the error)
//   set_policy()   what "ours" means, live
//   set_socket()   queue -> AF_XDP socket; an empty slot passes to the host's stack
//   attach()       by bpf_link, native or generic: the kernel detaches when the link's last
//                  descriptor is closed, so that kill -9 leaves no program behind
//   read_counts()  the program's counters, summed over CPUs
//
// Nothing is pinned. A foreign XDP program on the interface is an error that names it; it is never
// replaced.
//
// Capabilities: CAP_BPF and CAP_NET_ADMIN. Thread safety: none; updates and reads may come from any
// one thread while packets flow.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/classify/classifier.h"
#include "engine/metrics/counters.h"

namespace penstock {

// Where in the kernel the program runs.
enum class AttachMode : std::uint8_t {
  kNative,   // in the driver, before an skb exists
  kGeneric,  // in the stack, for drivers without XDP
};

std::string_view to_string(AttachMode mode);

class ReceiverProgram {
 public:
  static Result<ReceiverProgram> load(const Classifier& classifier);

  ReceiverProgram(ReceiverProgram&&) noexcept;
  ReceiverProgram& operator=(ReceiverProgram&&) noexcept;
  ~ReceiverProgram();  // detaches

  // Puts the ports and the policy of `classifier` in place of the present ones: new ports are taken before
  // removed ones no longer are, and a port in both is taken all the while.
  Status set_policy(const Classifier& classifier);

  Status set_socket(std::uint32_t queue, int xsk_fd);
  Status clear_socket(std::uint32_t queue);

  // Errors: EBUSY or EEXIST with the foreign program's name and id; EOPNOTSUPP for a driver without
  // native XDP; ERANGE for an MTU that native XDP cannot carry.
  Status attach(Filter filter, const std::string& interface, unsigned interface_index, AttachMode mode);
  void detach();

  // Copies the program's counts since load into kXdpPass{reason} and kXdpRedirect.
  Status read_counts(Counters& counters) const;

  int program_fd(Filter filter) const;
  // Kernel id of the XSKMAP: what tracepoints name.
  Result<std::uint32_t> socket_map_id() const;

 private:
  struct Loaded;

  explicit ReceiverProgram(std::unique_ptr<Loaded> loaded);

  std::unique_ptr<Loaded> loaded_;
};

}  // namespace penstock
