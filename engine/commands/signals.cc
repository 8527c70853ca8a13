// One signalfd.
#include "engine/commands/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace penstock {

Result<UniqueFd> take_signals() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1, SIGHUP})
    sigaddset(&set, number);
  if (const int code = pthread_sigmask(SIG_BLOCK, &set, nullptr); code != 0)
    return fail("block signals", code);
  UniqueFd fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return fail("take signals", errno);
  return fd;
}

std::optional<int> next_signal(int signals) {
  signalfd_siginfo taken{};
  if (read(signals, &taken, sizeof(taken)) != sizeof(taken)) return std::nullopt;
  return static_cast<int>(taken.ssi_signo);
}

}  // namespace penstock
