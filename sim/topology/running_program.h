// A program that runs beside its starter: an HTTP server, a ping, the engine as a process of its own.
//
//   auto ping = RunningProgram::start({.arguments = {"ping", "-c", "9", "192.0.2.2"},
//                                      .network_namespace = ns.fd()});
//   ...
//   const auto output = ping->wait(10 * kSecond);
//
// No shell: arguments reach it as they are. What it writes goes into files in memory, so that it never
// waits for a reader, however much it writes.
//
// It dies with its object, and with the *thread* that started it (PR_SET_PDEATHSIG), so that kill -9 of the
// runner leaves none behind: start it from a thread that lives as long as it shall. It inherits standard
// streams made for it and no other descriptor. Its own children are its own business.
//
// Errors name the command line and what the program wrote to stderr. Thread safety: any thread may start
// one; one thread at a time uses it. Between fork and exec the child makes async-signal-safe calls only,
// because other threads of the parent may have held locks.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

namespace penstock {

// Its path: looked for in PATH, then in /usr/sbin and /sbin, which a user's PATH often lacks. A name with a
// slash is one. Errors: ENOENT.
Result<std::string> find_program(const std::string& name);

struct Program {
  std::vector<std::string> arguments{};  // the first is looked up in PATH, /usr/sbin and /sbin
  std::string input{};                   // its standard input
  int network_namespace = -1;            // borrowed until it has started; -1: the caller's
  Nanoseconds timeout = 10 * kSecond;    // of run_program() only
};

struct ProgramOutput {
  int exit_status = 0;
  std::string out{};
  std::string err{};
};

class RunningProgram {
 public:
  // Returns when the program has taken the process over. Fails when it cannot be started.
  static Result<RunningProgram> start(const Program& program);

  RunningProgram(RunningProgram&& other) noexcept;
  RunningProgram& operator=(RunningProgram&&) = delete;
  ~RunningProgram();  // kills it

  pid_t pid() const { return pid_; }  // until wait() has given its end

  // False from its end on, whether wait() was asked or not.
  bool is_running() const;

  // Of SIGSTOP, SIGCONT and the like. Fails with ESRCH when it has ended.
  Status signal(int number) const;

  // Until it has ended by itself. Any exit status is a value; fails when a signal ended it, and with
  // ETIMEDOUT when it goes on: then it may be asked again. Call once after its end.
  Result<ProgramOutput> wait(Nanoseconds timeout);
  // The same for an output too large to copy: the exit status alone.
  Result<int> wait_for_exit(Nanoseconds timeout);

  // SIGKILL, and until it is gone. To no effect when it has gone before.
  void kill();

  // The files in memory that it writes to; a descriptor lives as long as this object.
  int out_fd() const { return out_.get(); }
  std::string out() const;  // so far
  std::string err() const;

 private:
  RunningProgram() = default;

  std::string what_;  // "run COMMAND LINE"
  pid_t pid_ = 0;     // 0: reaped
  UniqueFd process_;  // pidfd
  UniqueFd out_;
  UniqueFd err_;
};

}  // namespace penstock
