// `penstock run`, or a program beside it, as a child, for tests: what it says, what it counts, how it ends.
//
// The library has the test's main(), whose first argument is the binary.
//
// Thread safety: none. The child is killed when the object goes.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/wait.h"

namespace penstock {

inline std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// A program with its stdout and stderr in one file.
class ChildProcess {
 public:
  ChildProcess(std::filesystem::path out, std::vector<std::string> words) : out_(std::move(out)) {
    std::filesystem::remove(out_);
    pid_ = fork();
    if (pid_ != 0) return;
    const int fd = ::open(out_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execv(arguments.front(), arguments.data());
    _exit(127);
  }
  ~ChildProcess() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  std::string output() const { return text_of(out_); }
  void signal(int number) const { ASSERT_EQ(kill(pid_, number), 0); }

  // What it printed contains the text, by and by; false when it ended before.
  bool says(const std::string& text) {
    const auto said = [&] { return output().find(text) != std::string::npos; };
    const auto said_or_ended = [&] {
      if (said()) return true;
      if (waitpid(pid_, &status_, WNOHANG) != pid_) return false;
      pid_ = -1;
      return true;
    };
    return wait_until(said_or_ended, 10 * kSecond, 10 * kMillisecond) && said();
  }
  // Its exit status; -1 when a signal ended it.
  int wait() {
    if (pid_ > 0 && waitpid(pid_, &status_, 0) == pid_) pid_ = -1;
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
  }

 private:
  std::filesystem::path out_;
  pid_t pid_ = -1;
  int status_ = 0;
};

// `penstock run` with its output in files.
class RunProcess : public ChildProcess {
 public:
  static const std::string& binary();  // absolute
  // Of this test process alone, so that tests may run side by side; goes at its end.
  static const std::filesystem::path& folder();

  // `name`: of its files. Two that run at once need different ones.
  // `more`: words of its command line.
  explicit RunProcess(const std::string& config, const std::string& name = "run",
                      const std::vector<std::string>& more = {})
      : ChildProcess(folder() / (name + ".out"), prepare(config, name, more)),
        counters_(folder() / (name + ".prom")) {}

  // The counter's value in the file; -1 when it is not there.
  std::int64_t counter(const std::string& name) const {
    std::istringstream text(text_of(counters_));
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with(name + " ")) return std::stoll(line.substr(name.size() + 1));
    }
    return -1;
  }
  // Has the file written anew.
  void refresh_counters() const {
    std::filesystem::remove(counters_);
    signal(SIGUSR1);
    EXPECT_TRUE(wait_until([this] { return std::filesystem::exists(counters_); }, 10 * kSecond));
  }

 private:
  // Writes its configuration, takes an earlier one's counters away, and returns its command line.
  static std::vector<std::string> prepare(const std::string& config, const std::string& name,
                                          const std::vector<std::string>& more) {
    const std::filesystem::path file = folder() / (name + ".toml"), counters = folder() / (name + ".prom");
    std::ofstream(file) << config;
    std::filesystem::remove(counters);
    std::vector<std::string> words = {binary(), "run", "--config", file, "--counters", counters};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  std::filesystem::path counters_;
};

}  // namespace penstock
