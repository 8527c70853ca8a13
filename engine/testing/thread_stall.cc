// PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH.
#include "engine/testing/thread_stall.h"

#include <errno.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace penstock {
namespace {

std::vector<pid_t> threads_named(pid_t process, const std::string& name) {
  std::vector<pid_t> found;
  std::error_code error;
  const std::filesystem::directory_iterator tasks(fmt::format("/proc/{}/task", process), error);
  if (error) return found;
  for (const auto& task : tasks) {
    std::ifstream file(task.path() / "comm");
    std::string comm;
    if (std::getline(file, comm) && comm == name)
      found.push_back(static_cast<pid_t>(std::stol(task.path().filename())));
  }
  return found;
}

}  // namespace

Result<ThreadStall> ThreadStall::begin(pid_t process, const std::string& thread) {
  const std::string what = fmt::format("stall thread {} of process {}", thread, process);
  const std::vector<pid_t> found = threads_named(process, thread);
  if (found.size() != 1) return fail(fmt::format("{}: {} have that name", what, found.size()), ESRCH);
  if (ptrace(PTRACE_SEIZE, found[0], nullptr, nullptr) < 0) return fail(what + ": seize it", errno);
  ThreadStall stall(found[0]);
  if (ptrace(PTRACE_INTERRUPT, found[0], nullptr, nullptr) < 0) return fail(what + ": interrupt it", errno);
  int status = 0;
  if (waitpid(found[0], &status, __WALL) < 0) return fail(what + ": wait until it stands", errno);
  if (!WIFSTOPPED(status)) return fail(what + ": it has ended");
  return stall;
}

void ThreadStall::end() {
  if (thread_ == 0) return;
  const pid_t thread = std::exchange(thread_, 0);
  // ESRCH: it no longer stands, since it was killed. Until its tracer has reaped it, its process has no end.
  if (ptrace(PTRACE_DETACH, thread, nullptr, nullptr) < 0) waitpid(thread, nullptr, __WALL);
}

}  // namespace penstock
