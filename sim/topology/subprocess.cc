// Start and wait.
#include "sim/topology/subprocess.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace penstock {

Result<ProgramOutput> run_program(const Program& program) {
  Result<RunningProgram> running = RunningProgram::start(program);
  if (!running) return tl::unexpected(running.error());
  return running->wait(program.timeout);
}

Result<std::string> check_program(const Program& program) {
  Result<ProgramOutput> output = run_program(program);
  if (!output) return tl::unexpected(output.error());
  if (output->exit_status != 0) {
    std::string_view err = output->err;
    while (err.ends_with('\n'))
      err.remove_suffix(1);
    return fail(fmt::format("run {}: exit status {}: {}", fmt::join(program.arguments, " "),
                            output->exit_status, err));
  }
  return std::move(output->out);
}

}  // namespace penstock
