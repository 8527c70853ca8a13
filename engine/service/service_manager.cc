// Environment in, datagrams out.
#include "engine/service/service_manager.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>
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

}  // namespace

Result<ServiceManager> ServiceManager::from_environment() {
  ServiceManager manager;
  const std::optional<std::string> name = take_variable("NOTIFY_SOCKET");
  const std::optional<std::string> time = take_variable("WATCHDOG_USEC");
  const std::optional<std::string> whose = take_variable("WATCHDOG_PID");
  if (!name) return manager;
  const Result<UnixAddress> address = UnixAddress::parse(*name);
  if (!address) return fail(fmt::format("read NOTIFY_SOCKET=\"{}\": {}", *name, address.error().what));
  manager.address_ = *address;
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
  if (::sendto(socket_.get(), lines.data(), lines.size(), MSG_NOSIGNAL, address_.get(), address_.length) < 0)
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
