// posix_spawn() of /proc/self/exe.
#include "engine/privilege/fresh_doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

namespace penstock {

Result<FreshDoctor> FreshDoctor::ask(const std::filesystem::path& file) {
  const char* const what = "ask a fresh process what a restart would do";
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail(what, errno);
  UniqueFd output(ends[0]);
  const UniqueFd write_end(ends[1]);
  if (fcntl(output.get(), F_SETFL, O_NONBLOCK) != 0) return fail(what, errno);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  // Signals that its parent blocks or ignores are the child's to die of.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::array<std::string, 5> words = {"penstock", "doctor", "--after-restart", "--config", file.string()};
  std::array<char*, 6> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i)
    arguments[i] = words[i].data();
  pid_t pid = -1;
  const int code = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return fail(what, code);
  return FreshDoctor(pid, std::move(output));
}

FreshDoctor::~FreshDoctor() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);  // at most a zombie, if it has ended
  waitpid(pid_, nullptr, 0);
}

}  // namespace penstock
