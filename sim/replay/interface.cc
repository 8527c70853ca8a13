// Asking the kernel by ioctl.
#include "sim/replay/interface.h"

#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/unique_fd.h"

namespace penstock {
namespace {

constexpr std::size_t kEthernetBytes = 14;

}  // namespace

Result<SendInterface> look_at_interface(int ifindex) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail("open a socket to ask about interfaces", errno);
  ifreq request{};
  request.ifr_ifindex = ifindex;
  if (::ioctl(socket.get(), SIOCGIFNAME, &request) != 0) {
    return fail(fmt::format("find interface {} in this network namespace", ifindex), errno);
  }
  SendInterface interface { .name = request.ifr_name };
  if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0)
    return fail("read flags of " + interface.name, errno);
  if ((request.ifr_flags & IFF_UP) == 0 || (request.ifr_flags & IFF_RUNNING) == 0) {
    return fail("send through " + interface.name + ", which is not up and running", ENETDOWN,
                "ip link set " + interface.name + " up, and its peer too");
  }
  if (::ioctl(socket.get(), SIOCGIFMTU, &request) != 0)
    return fail("read the MTU of " + interface.name, errno);
  interface.longest = static_cast<std::size_t>(request.ifr_mtu) + kEthernetBytes;
  return interface;
}

Status check_frames_fit(const Workload& workload, const SendInterface& interface, std::size_t limit) {
  const std::span<const TimedFrame> frames = workload.frames();
  const std::size_t longest = std::min(interface.longest, limit);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const std::size_t bytes = frames[i].bytes.size();
    if (bytes >= kEthernetBytes && bytes <= longest) continue;
    return fail(fmt::format("send frame {} ({}, {} bytes): {} takes {} to {} bytes", i,
                            name_of(frames[i].kind), bytes, interface.name, kEthernetBytes, longest),
                EMSGSIZE,
                longest < interface.longest ? "use the sender af_packet, or leave the frame out"
                                            : "raise the interface's MTU, or leave the frame out");
  }
  return {};
}

}  // namespace penstock
