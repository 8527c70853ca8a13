// Opening the receiver that was asked for, or the next lesser way, with the reason for each step down.
//
//   asked for                    tried, one after the other
//   auto                         kernel filter: native zero-copy, native copy, generic; io_uring; udp
//   kernel_filter                native zero-copy, native copy, generic
//   userspace_filter             native zero-copy, native copy; kernel filter, generic
//   io_uring, udp                nothing else
//
// Zero-copy is tried where the table of drivers allows it (zero_copy_drivers.h) or the configuration forces
// it; forced, there is no copy behind it but under `auto`.
//
// With `auto` whatever keeps a way from being opened is a step down, each with its errno, cause and fix, and
// the reader decides whether to mend it. An explicit way steps down for one cause only: the driver lacks
// native XDP or zero-copy. What a user can mend (a missing capability, a foreign XDP program, a busy queue, a
// held port) is an error there. With `required` every step down is an error.
//
// Thread safety: none. The calling thread's network namespace.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/receive/af_xdp_receiver.h"
#include "engine/receive/udp_receiver.h"

namespace penstock {

enum class ZeroCopy : std::uint8_t {
  kAuto,   // where the table allows it
  kOff,    // never
  kForce,  // whatever the table says
};

struct ReceiverPlan {
  std::optional<Path> path;  // none: auto
  bool required = false;     // with auto: nothing less than the first way that is tried
  ZeroCopy zero_copy = ZeroCopy::kAuto;
  AfXdpConfig af_xdp{};  // filter and xsk_mode are set from the above; attach_mode is where it starts
  SocketReceiverConfig sockets{};
};

struct OpenedReceiver {
  std::unique_ptr<Receiver> receiver;
  AfXdpReceiver* af_xdp = nullptr;  // the receiver, if it is one
  // Why it is less than the first way; empty when it is that. For a reader: "userspace_filter, native copy:
  // attach ...: EOPNOTSUPP (...)".
  std::vector<std::string> steps_down;
  std::vector<std::string> notes;  // what else a reader should know: zero-copy held back by the table
};

// One way that a plan tries.
struct WayToReceive {
  Path path;
  AttachMode attach_mode = AttachMode::kNative;  // of AF_XDP
  XskMode xsk_mode = XskMode::kCopy;
};
std::string to_string(const WayToReceive& way);
// In the order in which they are tried.
std::vector<WayToReceive> ways_of(const ReceiverPlan& plan, bool zero_copy_allowed);

Result<OpenedReceiver> open_receiver(const ReceiverPlan& plan);

}  // namespace penstock
