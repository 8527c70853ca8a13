// The TAP of the return path: what is written to it appears on the ingress of another interface.
//
//   write() -> penstockN (TAP) -> clsact ingress: bpf_redirect(original, BPF_F_INGRESS) -> original
//
// tap_maker.h makes it, and says what it is; it goes with this object. To be used in the network namespace
// that it was made in.
//
// Thread safety: write() from one thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/privilege/own_privileges.h"
#include "engine/tiles/host_port.h"

namespace penstock {

class TapDevice final : public HostPort {
 public:
  // Errors: as make_tap().
  static Result<TapDevice> open(unsigned original_interface, Privileges* privileges = own_privileges());

  // One system call; when it returns the frame is in the stack's hands. EIO when somebody took the TAP
  // down, EBADFD when somebody deleted it, EINVAL for less than 14 bytes.
  int write(std::span<const std::byte> frame) override;

  // False when somebody took the TAP down or deleted it. Two system calls.
  bool usable() override;

  const std::string& name() const { return tap_.name; }
  unsigned index() const { return tap_.index; }

 private:
  TapDevice(TapHandle tap, UniqueFd control);

  TapHandle tap_;
  UniqueFd control_;  // any socket of the TAP's namespace
};

}  // namespace penstock
