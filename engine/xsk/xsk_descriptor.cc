// socket(), and the socket options of busy polling.
#include "engine/xsk/xsk_descriptor.h"

#include <errno.h>
#include <sys/socket.h>

#include <cstdint>
#include <utility>

namespace penstock {
namespace {

Status set_busy_poll(int fd, const BusyPoll& busy_poll) {
  if (busy_poll.microseconds == 0) return {};
  const std::pair<int, std::uint32_t> options[] = {{SO_PREFER_BUSY_POLL, 1},
                                                   {SO_BUSY_POLL, busy_poll.microseconds},
                                                   {SO_BUSY_POLL_BUDGET, busy_poll.budget}};
  for (const auto& [option, value] : options) {
    if (setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value)) < 0)
      return fail("ask for busy polling", errno, "it needs CAP_NET_ADMIN and Linux 5.11");
  }
  return {};
}

}  // namespace

Result<UniqueFd> open_xsk(const BusyPoll& busy_poll) {
  UniqueFd fd(socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!fd) {
    return fail("open an AF_XDP socket", errno,
                errno == EPERM          ? "grant CAP_NET_RAW"
                : errno == EAFNOSUPPORT ? "use a kernel with CONFIG_XDP_SOCKETS"
                                        : "");
  }
  if (Status s = set_busy_poll(fd.get(), busy_poll); !s) return tl::unexpected(s.error());
  return fd;
}

}  // namespace penstock
