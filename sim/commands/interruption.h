// Ctrl-C, SIGTERM and SIGHUP for a run that has something to give back: the first one asks the run to end by
// itself, the second one ends the process at once.
//
// The signals are blocked for the calling thread and every one that it starts, and taken by a thread of this
// object's own. So no system call of the run is interrupted. Programs that the run starts have their own
// signals as usual (sim/topology/running_program.h).
//
// REQUIRES: made before the process has other threads, once at a time. Thread safety: the token's.
#pragma once

#include <signal.h>

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "engine/base/result.h"

namespace penstock {

class Interruption {
 public:
  // `says`: what to print to stderr when the first signal comes.
  static Result<std::unique_ptr<Interruption>> watch(std::string says);
  ~Interruption();  // signals have their old effect again

  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  std::stop_token token() const { return stop_.get_token(); }
  // The signal that came; 0: none.
  int signal() const { return signal_.load(); }

 private:
  Interruption(std::string says, const sigset_t& before);
  void run();

  const std::string says_;
  const sigset_t before_;
  std::stop_source stop_;
  std::atomic<int> signal_{0};
  std::atomic<bool> over_{false};
  std::thread thread_;  // last: uses the others
};

}  // namespace penstock
