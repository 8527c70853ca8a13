// The system calls of a running AF_XDP socket, as a seam.
//
// The rings themselves are memory (ring.h), on the kernel's side or on a fake's. Only what needs a
// system call goes through here, at most once a batch: waking the kernel, waiting, reading
// statistics. KernelXskSystem makes the calls; engine/xsk/testing has a fake.
#pragma once

#include <linux/if_xdp.h>

#include <span>

#include "engine/base/clock.h"

namespace penstock {

// Thread safety: as the sockets behind the descriptors; one socket, one thread.
class XskSystem {
 public:
  virtual ~XskSystem() = default;

  // recvfrom(fd, MSG_DONTWAIT): lets the kernel look at the fill ring again. Returns 0 or an errno:
  // ENETDOWN when the interface is down, ENXIO when the device is gone.
  virtual int wake_rx(int fd) = 0;

  // poll() for frames on any of `fds`, at most `timeout`. Returns how many are readable, 0 after
  // the timeout or a signal, or a negative errno.
  virtual int wait(std::span<const int> fds, Nanoseconds timeout) = 0;

  // XDP_STATISTICS. Returns 0 or an errno; ENOTSUP when the kernel gives the short form, which
  // folds rx_ring_full into rx_dropped and cannot close an account.
  virtual int statistics(int fd, xdp_statistics& out) = 0;
};

class KernelXskSystem final : public XskSystem {
 public:
  int wake_rx(int fd) override;
  int wait(std::span<const int> fds, Nanoseconds timeout) override;
  int statistics(int fd, xdp_statistics& out) override;
};

}  // namespace penstock
