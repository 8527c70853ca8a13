// Spawning, and reading one line.
#include "engine/commands/better_way.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace penstock {

BetterWay::~BetterWay() {
  if (asked_ <= 0) return;
  kill(asked_, SIGKILL);
  waitpid(asked_, nullptr, 0);
}

std::optional<std::string> BetterWay::look(Nanoseconds now) {
  if (found_) return std::nullopt;
  if (asked_ > 0) return hear(now);
  if (!next_) next_ = now + every_;
  if (now < *next_) return std::nullopt;
  next_ = now + every_;
  asked_at_ = now;
  ask();
  return std::nullopt;
}

void BetterWay::ask() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return;
  answer_ = UniqueFd(ends[0]);
  const UniqueFd write_end(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  // The signals that this thread takes by descriptor are the child's to die of.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::array<std::string, 5> words = {"penstock", "doctor", "--after-restart", "--config", config_.string()};
  std::array<char*, 6> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i)
    arguments[i] = words[i].data();
  if (posix_spawn(&asked_, "/proc/self/exe", &actions, &attributes, arguments.data(), environ) != 0)
    asked_ = -1;
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
}

std::optional<std::string> BetterWay::hear(Nanoseconds now) {
  if (waitpid(asked_, nullptr, WNOHANG) != asked_) {
    if (now - asked_at_ > kPatience) kill(asked_, SIGKILL);  // and reaped at a later call
    return std::nullopt;
  }
  asked_ = -1;
  std::array<char, 256> text{};
  const ssize_t got = read(answer_.get(), text.data(), text.size());
  std::string way(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  way.erase(way.find_last_not_of('\n') + 1);
  const Result<Path> path = parse_path(way.substr(0, way.find(',')));
  // The paths stand in the order of their speed, the filters first.
  if (!path || *path >= in_use_) return std::nullopt;
  found_ = true;
  return way;
}

}  // namespace penstock
