// Environment in, datagrams out.
#include "engine/service/service_manager.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace penstock {
namespace {

// The variable's value, which is then gone; nothing when it was not there or empty.
std::optional<std::string> take_variable(const char* name) {
  const char* const value = ::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread is started
  if (value == nullptr || *value == '\0') return std::nullopt;
  std::string taken = value;
  ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe): as above
  return taken;
}

Result<std::int64_t> number(const char* name, const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0)
    return fail(fmt::format("read {}=\"{}\": not a number", name, text));
  return value;
}

Result<std::string> unix_address(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.front() != '/' && name.front() != '@')
    return fail(fmt::format("read NOTIFY_SOCKET=\"{}\": neither an absolute path nor @name", name));
  if (name.size() >= sizeof(address.sun_path))
    return fail(fmt::format("read NOTIFY_SOCKET=\"{}\": longer than {} characters", name,
                            sizeof(address.sun_path) - 1));
  std::memcpy(address.sun_path, name.data(), name.size());
  // An abstract name has no zero at its end; a path may go without.
  if (name.front() == '@') address.sun_path[0] = '\0';
  std::string bytes(offsetof(sockaddr_un, sun_path) + name.size(), '\0');
  std::memcpy(bytes.data(), &address, bytes.size());
  return bytes;
}

}  // namespace

Result<ServiceManager> ServiceManager::from_environment() {
  ServiceManager manager;
  const std::optional<std::string> name = take_variable("NOTIFY_SOCKET");
  const std::optional<std::string> time = take_variable("WATCHDOG_USEC");
  const std::optional<std::string> whose = take_variable("WATCHDOG_PID");
  if (!name) return manager;
  Result<std::string> address = unix_address(*name);
  if (!address) return tl::unexpected(address.error());
  manager.address_ = std::move(*address);
  if (time) {
    const Result<std::int64_t> microseconds = number("WATCHDOG_USEC", *time);
    if (!microseconds) return tl::unexpected(microseconds.error());
    const Result<std::int64_t> pid = whose ? number("WATCHDOG_PID", *whose) : ::getpid();
    if (!pid) return tl::unexpected(pid.error());
    if (*microseconds > std::numeric_limits<Nanoseconds>::max() / kMicrosecond)
      return fail(fmt::format("read WATCHDOG_USEC=\"{}\": too long", *time));
    if (*pid == ::getpid()) manager.watchdog_ = *microseconds * kMicrosecond;
  }
  manager.socket_ = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!manager.socket_) return fail("make a socket for the service manager", errno);
  const timeval patience{.tv_sec = 0, .tv_usec = kPatience / kMicrosecond};
  if (::setsockopt(manager.socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0)
    return fail("limit how long the service manager is waited for", errno);
  return manager;
}

Status ServiceManager::tell(std::string_view lines) const {
  if (!present()) return {};
  const auto* address = reinterpret_cast<const sockaddr*>(address_.data());
  if (::sendto(socket_.get(), lines.data(), lines.size(), MSG_NOSIGNAL, address,
               static_cast<socklen_t>(address_.size())) < 0)
    return fail("tell the service manager (NOTIFY_SOCKET)", errno);
  return {};
}

Status ServiceManager::keep_alive(Nanoseconds now) {
  if (watchdog_ == 0 || (ever_kept_ && now - kept_alive_ < watchdog_ / 2)) return {};
  ever_kept_ = true;
  kept_alive_ = now;
  return tell("WATCHDOG=1");
}

}  // namespace penstock
