// fork, exec, and two files in memory.
#include "sim/topology/running_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/base/check.h"

namespace penstock {

Result<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  const std::string folders = std::string(path ? path : "/usr/bin:/bin") + ":/usr/sbin:/sbin";
  for (std::size_t begin = 0; begin <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    const std::string candidate = folders.substr(begin, end - begin) + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    begin = end + 1;
  }
  return fail("find program " + name, ENOENT, "run ci/setup, or install the package that has it");
}

namespace {

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) < 0) return fail("make a pipe", errno);
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// A file in memory: unlike a pipe it takes any amount before anyone reads.
Result<UniqueFd> memory_file(const char* name, std::string_view text = {}) {
  UniqueFd file(memfd_create(name, MFD_CLOEXEC));
  if (!file) return fail("memfd_create", errno);
  while (!text.empty()) {
    const ssize_t written = write(file.get(), text.data(), text.size());
    if (written < 0) return fail(std::string("write ") + name, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

// The program's own position in the file is left alone: it may still be writing.
std::string contents(int file) {
  constexpr std::size_t kReadBytes = 65536;
  std::string text;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + kReadBytes);
    const ssize_t got = pread(file, text.data() + before, kReadBytes, static_cast<off_t>(before));
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got <= 0) return text;
  }
}

// What the child needs, prepared before fork: it may not allocate.
struct Launch {
  const char* path;
  char* const* arguments;
  int input;
  int output;
  int error;
  int failure;  // write end: an errno and the step, when the child cannot become the program
  int network_namespace;
  pid_t parent;
};

enum class Step : int { kParentDied, kSetns, kStreams, kExec };

struct Failure {
  Step step;
  int code;
};

[[noreturn]] void give_up(const Launch& launch, Step step) {
  const Failure failure{step, errno};
  [[maybe_unused]] const ssize_t told = write(launch.failure, &failure, sizeof(failure));
  _exit(127);
}

[[noreturn]] void become_program(const Launch& launch) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launch.parent) give_up(launch, Step::kParentDied);  // it died before the prctl
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (launch.network_namespace >= 0 && setns(launch.network_namespace, CLONE_NEWNET) < 0) {
    give_up(launch, Step::kSetns);
  }
  if (dup2(launch.input, 0) < 0 || dup2(launch.output, 1) < 0 || dup2(launch.error, 2) < 0) {
    give_up(launch, Step::kStreams);
  }
  // Libraries do not mark all of theirs.
  if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0) give_up(launch, Step::kStreams);
  execv(launch.path, launch.arguments);
  give_up(launch, Step::kExec);
}

// True once the process has ended and waits to be reaped.
bool await_end(int process, Nanoseconds timeout) {
  const MonotonicClock clock;
  const Nanoseconds deadline = clock.now() + timeout;
  for (;;) {
    const Nanoseconds left = std::max<Nanoseconds>(deadline - clock.now(), 0);
    const timespec limit{left / kSecond, left % kSecond};
    pollfd polled{process, POLLIN, 0};
    const int ready = ppoll(&polled, 1, &limit, nullptr);
    if (ready > 0) return true;
    if (ready == 0) return false;
  }
}

int reap(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::string without_last_newline(std::string text) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

}  // namespace

Result<RunningProgram> RunningProgram::start(const Program& program) {
  PENSTOCK_CHECK(!program.arguments.empty());
  RunningProgram running;
  running.what_ = fmt::format("run {}", fmt::join(program.arguments, " "));
  const Result<std::string> path = find_program(program.arguments[0]);
  if (!path) return fail(running.what_, path.error());
  const Result<UniqueFd> input = memory_file("stdin", program.input);
  Result<UniqueFd> out = memory_file("stdout");
  Result<UniqueFd> err = memory_file("stderr");
  Result<Pipe> failure = make_pipe();
  if (!input || !out || !err || !failure) return fail(running.what_ + ": make its streams", EMFILE);

  std::vector<char*> arguments;
  for (const std::string& argument : program.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  const Launch launch{path->c_str(),        arguments.data(),          input->get(), out->get(), err->get(),
                      failure->write.get(), program.network_namespace, getpid()};
  running.pid_ = fork();
  if (running.pid_ < 0) return fail(running.what_ + ": fork", errno);
  if (running.pid_ == 0) become_program(launch);
  failure->write.reset();
  Failure failed{};
  // Ends with nothing when exec closes the other end.
  if (read(failure->read.get(), &failed, sizeof(failed)) == sizeof(failed)) {
    constexpr std::array kSteps = {"its parent died", "enter the network namespace", "set up its streams",
                                   "exec"};
    reap(std::exchange(running.pid_, 0));
    return fail(running.what_ + ": " + kSteps[static_cast<std::size_t>(failed.step)], failed.code);
  }
  // By number: glibc 2.36 declares pidfd_open() without C linkage.
  running.process_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, running.pid_, 0)));
  if (!running.process_) return fail(running.what_ + ": pidfd_open", errno);
  running.out_ = std::move(*out);
  running.err_ = std::move(*err);
  return running;
}

RunningProgram::RunningProgram(RunningProgram&& other) noexcept
    : what_(std::move(other.what_)),
      pid_(std::exchange(other.pid_, 0)),
      process_(std::move(other.process_)),
      out_(std::move(other.out_)),
      err_(std::move(other.err_)) {}

RunningProgram::~RunningProgram() {
  kill();
}

bool RunningProgram::is_running() const {
  return pid_ != 0 && !await_end(process_.get(), 0);
}

Status RunningProgram::signal(int number) const {
  if (pid_ == 0) return fail(what_ + ": signal it", ESRCH);
  if (::kill(pid_, number) < 0) {
    return fail(fmt::format("{}: send SIG{}", what_, sigabbrev_np(number)), errno);
  }
  return {};
}

Result<int> RunningProgram::wait_for_exit(Nanoseconds timeout) {
  PENSTOCK_CHECK(pid_ != 0);
  if (!await_end(process_.get(), timeout)) return fail(what_ + ": " + without_last_newline(err()), ETIMEDOUT);
  const int status = reap(std::exchange(pid_, 0));
  if (WIFSIGNALED(status)) {
    return fail(fmt::format("{}: killed by SIG{}: {}", what_, sigabbrev_np(WTERMSIG(status)),
                            without_last_newline(err())));
  }
  return WEXITSTATUS(status);
}

Result<ProgramOutput> RunningProgram::wait(Nanoseconds timeout) {
  const Result<int> status = wait_for_exit(timeout);
  if (!status) return tl::unexpected(status.error());
  return ProgramOutput{*status, out(), err()};
}

void RunningProgram::kill() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  reap(std::exchange(pid_, 0));
}

std::string RunningProgram::out() const {
  return contents(out_.get());
}

std::string RunningProgram::err() const {
  return contents(err_.get());
}

}  // namespace penstock
