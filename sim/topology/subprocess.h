// Runs a program to its end and collects what it prints. No shell: arguments reach it as they are.
//
//   const auto links = run_program({.arguments = {"ip", "-json", "link"}, .network_namespace = ns.fd()});
//
// The program dies with the thread that called (PR_SET_PDEATHSIG), so that kill -9 of the runner leaves
// none behind. It inherits standard streams made for it and no other descriptor.
//
// Errors name the command line and what the program wrote to stderr. Thread safety: any thread may call;
// between fork and exec the child makes async-signal-safe calls only, because other threads of the
// parent may have held locks.
#pragma once

#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"

namespace penstock {

struct Program {
  std::vector<std::string> arguments{};  // the first is looked up in PATH, /usr/sbin and /sbin
  std::string input{};                   // its standard input
  int network_namespace = -1;            // borrowed; entered before exec; -1: the caller's
  Nanoseconds timeout = 10 * kSecond;    // then it is killed and the call fails with ETIMEDOUT
};

struct ProgramOutput {
  int exit_status = 0;
  std::string out{};
  std::string err{};
};

// Any exit status is a value. Fails when the program cannot be started, is killed, or takes too long.
Result<ProgramOutput> run_program(const Program& program);

// What the program wrote to stdout; any exit status but 0 is an error.
Result<std::string> check_program(const Program& program);

}  // namespace penstock
