// Stops one thread of another process, as if it hung, while the others run on: ptrace(2). A SIGSTOP would
// stop them all.
//
//   auto stall = ThreadStall::begin(engine.pid(), "pen-return");
//   ...
//   stall->end();
//
// The kernel lets the thread go on when this object goes, and when the thread that began the stall ends, so
// that a killed runner leaves nothing stopped.
//
// Needs CAP_SYS_PTRACE, or that the process is a child. Thread safety: begin and end on one thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "engine/base/result.h"

namespace penstock {

class ThreadStall {
 public:
  // Returns when the thread stands. `thread`: its name, as /proc/PID/task/TID/comm has it. Errors: ESRCH when
  // no thread, or more than one, has that name; EPERM for a thread of this process.
  static Result<ThreadStall> begin(pid_t process, const std::string& thread);

  ThreadStall(ThreadStall&& other) noexcept : thread_(std::exchange(other.thread_, 0)) {}
  ThreadStall& operator=(ThreadStall&&) = delete;
  ~ThreadStall() { end(); }

  // To no effect when it has ended, or the thread has.
  void end();

 private:
  explicit ThreadStall(pid_t thread) : thread_(thread) {}

  pid_t thread_;  // 0: not stopped by this
};

}  // namespace penstock
