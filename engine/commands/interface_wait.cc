// Half seconds.
#include "engine/commands/interface_wait.h"

#include <net/if.h>
#include <poll.h>
#include <signal.h>

#include <array>
#include <optional>

#include "engine/base/clock.h"
#include "engine/commands/signals.h"

namespace penstock {

Waited wait_for_interface(const std::vector<std::string>& names, int signals, int broker_ended,
                          ServiceManager& manager, const std::function<void()>& each_round) {
  constexpr int kHalfSecond = 500;  // ms
  const MonotonicClock clock;
  std::array<pollfd, 2> wanted{{{signals, POLLIN, 0}, {broker_ended, POLLIN, 0}}};
  for (;;) {
    poll(wanted.data(), wanted.size(), kHalfSecond);
    if (wanted[1].revents != 0) return Waited::kBrokerEnded;
    static_cast<void>(manager.keep_alive(clock.now()));  // a manager that does not hear it says so itself
    each_round();
    while (const std::optional<int> signal = next_signal(signals)) {
      if (*signal == SIGTERM || *signal == SIGINT) return Waited::kStopped;
      if (*signal == SIGHUP) return Waited::kToReload;
    }
    for (const std::string& name : names) {
      if (if_nametoindex(name.c_str()) != 0) return Waited::kThere;
    }
  }
}

}  // namespace penstock
