// A thread that waits for signals.
#include "sim/commands/interruption.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <utility>

#include <fmt/format.h>

namespace penstock {
namespace {

// How soon the thread notices that it is no longer wanted.
constexpr timespec kLook{.tv_sec = 0, .tv_nsec = 50'000'000};

sigset_t interrupting_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&set, number);
  return set;
}

// As if nobody had caught it, so that the caller sees which signal it was.
[[noreturn]] void end_by(int number) {
  ::signal(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::raise(number);
  _Exit(128 + number);
}

}  // namespace

Result<std::unique_ptr<Interruption>> Interruption::watch(std::string says) {
  const sigset_t set = interrupting_signals();
  sigset_t before;
  if (const int code = pthread_sigmask(SIG_BLOCK, &set, &before); code != 0)
    return fail("wait for signals", code);
  std::unique_ptr<Interruption> made(new Interruption(std::move(says), before));
  made->thread_ = std::thread([self = made.get()] { self->run(); });
  return made;
}

Interruption::Interruption(std::string says, const sigset_t& before)
    : says_(std::move(says)), before_(before) {}

Interruption::~Interruption() {
  over_.store(true);
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interruption::run() {
  const sigset_t set = interrupting_signals();
  while (!over_.load()) {
    const int number = sigtimedwait(&set, nullptr, &kLook);
    if (number < 0) continue;  // EAGAIN or EINTR: look again
    if (signal_.load() != 0) end_by(number);
    signal_.store(number);
    fmt::print(stderr, "{}\n", says_);
    stop_.request_stop();
  }
}

}  // namespace penstock
