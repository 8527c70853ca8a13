// The real system calls.
#include "engine/xsk/system.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "engine/base/check.h"

namespace penstock {

int KernelXskSystem::wake_rx(int fd) {
  return recvfrom(fd, nullptr, 0, MSG_DONTWAIT, nullptr, nullptr) < 0 ? errno : 0;
}

int KernelXskSystem::wait(std::span<const int> fds, Nanoseconds timeout) {
  std::array<pollfd, 256> polled;
  PENSTOCK_CHECK(fds.size() <= polled.size());
  std::transform(fds.begin(), fds.end(), polled.begin(), [](int fd) { return pollfd{fd, POLLIN, 0}; });
  const timespec limit{timeout / kSecond, timeout % kSecond};
  const int ready = ppoll(polled.data(), fds.size(), &limit, nullptr);
  if (ready < 0) return errno == EINTR ? 0 : -errno;
  return ready;
}

int KernelXskSystem::statistics(int fd, xdp_statistics& out) {
  out = {};
  socklen_t length = sizeof(out);
  if (getsockopt(fd, SOL_XDP, XDP_STATISTICS, &out, &length) < 0) return errno;
  return length >= sizeof(out) ? 0 : ENOTSUP;
}

}  // namespace penstock
