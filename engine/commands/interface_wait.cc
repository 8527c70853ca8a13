// Half seconds.
#include "engine/commands/interface_wait.h"

#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "engine/base/clock.h"

namespace penstock {

Waited wait_for_interface(const std::string& name, int signals, ServiceManager& manager) {
  constexpr int kHalfSecond = 500;  // ms
  const MonotonicClock clock;
  pollfd wanted{signals, POLLIN, 0};
  for (;;) {
    poll(&wanted, 1, kHalfSecond);
    static_cast<void>(manager.keep_alive(clock.now()));  // a manager that does not hear it says so itself
    signalfd_siginfo taken{};
    while (read(signals, &taken, sizeof(taken)) == sizeof(taken)) {
      if (taken.ssi_signo != SIGUSR1) return Waited::kStopped;
    }
    if (if_nametoindex(name.c_str()) != 0) return Waited::kThere;
  }
}

}  // namespace penstock
