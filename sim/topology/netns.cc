// unshare, setns, and the descriptor that keeps a namespace.
#include "sim/topology/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <future>
#include <string_view>

#include <fmt/format.h>

namespace penstock {
namespace {

constexpr char kFix[] = "run as root, or with CAP_SYS_ADMIN and CAP_NET_ADMIN";

Status bring_loopback_up() {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail("open a socket", errno);
  ifreq request{};
  constexpr std::string_view kLoopback = "lo";
  std::copy(kLoopback.begin(), kLoopback.end(), request.ifr_name);  // the rest is zeros
  request.ifr_flags = IFF_UP;
  if (ioctl(socket.get(), SIOCSIFFLAGS, &request) < 0) return fail("bring lo up", errno);
  return {};
}

}  // namespace

Result<NetNamespace> NetNamespace::current() {
  UniqueFd fd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!fd) return fail("open /proc/thread-self/ns/net", errno);
  return NetNamespace(std::move(fd));
}

Result<NetNamespace> NetNamespace::create() {
  Result<NetNamespace> made = fail("make a network namespace");
  std::thread([&] {
    if (unshare(CLONE_NEWNET) < 0) {
      made = fail("make a network namespace: unshare", errno, kFix);
      return;
    }
    const Status up = bring_loopback_up();
    made = up ? current() : Result<NetNamespace>(tl::unexpected(up.error()));
  }).join();
  return made;
}

std::string NetNamespace::path() const {
  return fmt::format("/proc/{}/fd/{}", getpid(), fd_.get());
}

Result<UniqueFd> NetNamespace::socket(int domain, int type, int protocol) const {
  return run_in(*this, [&]() -> Result<UniqueFd> {
    UniqueFd socket(::socket(domain, type | SOCK_CLOEXEC, protocol));
    if (!socket) {
      return fail(
          fmt::format("open socket (domain {}, type {}, protocol {}) in a namespace", domain, type, protocol),
          errno, kFix);
    }
    return socket;
  });
}

Status NetNamespace::set_sysctl(const std::string& name, const std::string& value) const {
  return run_in(*this, [&]() -> Status {
    const std::string path = "/proc/sys/net/" + name;
    const UniqueFd file(open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file) return fail("open " + path, errno);
    if (write(file.get(), value.data(), value.size()) < 0) {
      return fail("write " + value + " to " + path, errno);
    }
    std::array<char, 64> text{};
    const ssize_t got = pread(file.get(), text.data(), text.size(), 0);
    std::string_view now(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    if (now.ends_with('\n')) now.remove_suffix(1);
    if (now != value) return fail(fmt::format("set {} to {}: it reads {} afterwards", path, value, now));
    return {};
  });
}

Status enter(const NetNamespace& ns) {
  if (setns(ns.fd(), CLONE_NEWNET) < 0) return fail("enter a network namespace: setns", errno, kFix);
  return {};
}

Result<std::jthread> start_thread_in(const NetNamespace& ns, std::function<void(std::stop_token)> body) {
  std::promise<Status> entered;
  std::future<Status> outcome = entered.get_future();
  std::jthread thread(
      [&ns, entered = std::move(entered), body = std::move(body)](std::stop_token stop) mutable {
        const Status status = enter(ns);
        entered.set_value(status);
        if (status) body(std::move(stop));
      });
  if (const Status status = outcome.get(); !status) return tl::unexpected(status.error());
  return thread;
}

}  // namespace penstock
