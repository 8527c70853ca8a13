// What the engine asks of the kernel that takes a capability, as calls that give descriptors: whoever makes
// them may be another process than the one that uses what they give (broker.h).
//
//   call             needs                                  gives
//   xsk_socket       CAP_NET_RAW; busy poll CAP_NET_ADMIN   an AF_XDP socket, bound to nothing
//   load_receiver    CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON    the receiver's maps and programs
//   attach           CAP_NET_ADMIN                          a link, which ends with its last descriptor
//   replace          CAP_NET_ADMIN                          -
//   make_tap         CAP_NET_ADMIN, CAP_BPF                 the return path's TAP, up and redirecting
//   hold_udp_port    CAP_NET_ADMIN above rmem_max,          a socket on the port
//                    CAP_NET_BIND_SERVICE below 1024
//
// All else that a receiver does is done with what these give, and takes no capability: registering memory,
// mapping and binding an AF_XDP socket, reading its statistics, reading and writing maps by descriptor
// (since Linux 5.19 wherever bpf() is closed to the unprivileged), writing to the TAP.
//
// Whoever is given no Privileges does it all by itself, in its own process: libraries, tests and benches.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/xdp/loader/load_object.h"
#include "engine/xdp/xdp_link.h"
#include "engine/xsk/busy_poll.h"

namespace penstock {

// A TAP that is up and whose ingress is another interface's; it goes with the descriptor.
struct TapHandle {
  UniqueFd fd;
  std::string name{};
  unsigned index = 0;
};

class Privileges {
 public:
  virtual ~Privileges() = default;

  virtual Result<UniqueFd> xsk_socket(const BusyPoll& busy_poll) = 0;
  // `keep`: as load_object(); only its maps count.
  virtual Result<LoadedObject> load_receiver(Loader loader, const LoadedObject* keep) = 0;
  virtual Result<UniqueFd> attach(int program, const XdpPlace& place) = 0;
  virtual Status replace(int link, int running, int program) = 0;
  virtual Result<TapHandle> make_tap(unsigned original_interface) = 0;
  virtual Result<UniqueFd> hold_udp_port(std::uint16_t port, std::uint32_t buffer_bytes) = 0;
};

}  // namespace penstock
