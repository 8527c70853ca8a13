// Writing, and asking whether it is still there.
#include "engine/tiles/tap_device.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace penstock {

TapDevice::TapDevice(TapHandle tap, UniqueFd control) : tap_(std::move(tap)), control_(std::move(control)) {}

Result<TapDevice> TapDevice::open(unsigned original_interface, Privileges* privileges) {
  Result<TapHandle> tap = privileges->make_tap(original_interface);
  if (!tap) return tl::unexpected(tap.error());
  UniqueFd control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!control) return fail("open a socket for " + tap->name, errno);
  return TapDevice(std::move(*tap), std::move(control));
}

bool TapDevice::usable() {
  ifreq request{};
  // Its name of today: somebody may have renamed it.
  if (ioctl(tap_.fd.get(), TUNGETIFF, &request) != 0) return false;
  return ioctl(control_.get(), SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
}

int TapDevice::write(std::span<const std::byte> frame) {
  const ssize_t written = ::write(tap_.fd.get(), frame.data(), frame.size());
  if (written == static_cast<ssize_t>(frame.size())) return 0;
  return written < 0 ? errno : EIO;
}

}  // namespace penstock
