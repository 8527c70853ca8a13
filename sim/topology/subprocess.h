// Runs a program to its end and collects what it prints.
//
//   const auto links = run_program({.arguments = {"ip", "-json", "link"}, .network_namespace = ns.fd()});
//
// How it runs, and that it dies with the calling thread: running_program.h. Errors name the command line and
// what the program wrote to stderr. Thread safety: any thread may call.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "sim/topology/running_program.h"

namespace penstock {

// Any exit status is a value. Fails when the program cannot be started or is killed, and with ETIMEDOUT
// (having killed it) when it takes longer than its timeout.
Result<ProgramOutput> run_program(const Program& program);

// What the program wrote to stdout; any exit status but 0 is an error.
Result<std::string> check_program(const Program& program);

}  // namespace penstock
