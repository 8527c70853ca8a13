// The TAP of the return path: what is written to it appears on the ingress of another interface.
//
//   write() -> penstockN (TAP) -> clsact ingress: bpf_redirect(original, BPF_F_INGRESS) -> original
//
// The device is made in the network namespace of the calling thread and is not persistent: it goes with
// its last descriptor, and with it the clsact qdisc and the program, so that kill -9 leaves nothing
// behind. It is up, without ARP and without IPv6, and carries no address. What the host would send
// through it (nothing, as it has no route) is never read.
//
// Needs CAP_NET_ADMIN and CAP_BPF, and /dev/net/tun. Thread safety: write() from one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/tiles/host_port.h"

namespace penstock {

class TapDevice final : public HostPort {
 public:
  // Errors name the step. ENOENT for /dev/net/tun: the module `tun` is missing.
  static Result<TapDevice> open(unsigned original_interface);

  TapDevice(TapDevice&&) noexcept;
  TapDevice& operator=(TapDevice&&) noexcept;
  ~TapDevice() override;

  // One system call; when it returns the frame is in the stack's hands. EIO when somebody took the TAP
  // down, EBADFD when somebody deleted it, EINVAL for less than 14 bytes.
  int write(std::span<const std::byte> frame) override;

  // False when somebody took the TAP down or deleted it. Two system calls.
  bool usable() override;

  const std::string& name() const { return name_; }
  unsigned index() const { return index_; }

 private:
  struct Program;

  TapDevice(UniqueFd fd, std::string name, unsigned index);
  Status configure();
  Status redirect_to(unsigned original_interface);

  UniqueFd fd_;
  UniqueFd control_;  // any socket of the TAP's namespace
  std::string name_;
  unsigned index_;
  std::unique_ptr<Program> program_;
};

}  // namespace penstock
