// The service manager that started this process, told how it does: the protocol of sd_notify(3), which is one
// datagram of lines "NAME=value" to the Unix socket that NOTIFY_SOCKET names. systemd with Type=notify speaks
// it; without the variable there is nobody to tell, and every call does nothing.
//
//   READY=1      receiving: `systemctl start` returns now
//   STATUS=...   one line, as `systemctl status` shows it
//   WATCHDOG=1   within the time that WATCHDOG_USEC gives, or the manager ends the process (WatchdogSec=)
//   STOPPING=1   has begun to end
//
// Without libsystemd on purpose: it is forty lines, and the library brings lzma, zstd, lz4 and gcrypt into a
// process with capabilities.
//
// A manager that does not read does not hold the caller up: a call gives up after kPatience.
//
// Thread safety: none; one thread, the supervising one.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/base/unix_address.h"

namespace penstock {

class ServiceManager {
 public:
  static constexpr Nanoseconds kPatience = 200 * kMillisecond;

  // Who the environment names: NOTIFY_SOCKET, an absolute path or "@name" of the abstract namespace;
  // WATCHDOG_USEC in microseconds, unless WATCHDOG_PID names another process. Takes the three out of the
  // environment, so that no child speaks for us. Before any thread is started. Errors: a value that cannot
  // be.
  static Result<ServiceManager> from_environment();

  // `lines`: assignments, split by newlines. Errors: it could not be told.
  Status tell(std::string_view lines) const;
  // WATCHDOG=1, if half of the watchdog's time is over since the last one. `now`: any monotonic clock.
  Status keep_alive(Nanoseconds now);

  bool present() const { return static_cast<bool>(socket_); }
  // How long it may hear nothing; 0: as long as may be.
  Nanoseconds watchdog() const { return watchdog_; }

 private:
  UniqueFd socket_;
  UnixAddress address_;
  Nanoseconds watchdog_ = 0;
  Nanoseconds kept_alive_ = 0;
  bool ever_kept_ = false;
};

}  // namespace penstock
