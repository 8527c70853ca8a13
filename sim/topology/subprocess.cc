// fork, exec, and two pipes.
#include "sim/topology/subprocess.h"

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

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/base/check.h"
#include "engine/base/unique_fd.h"

namespace penstock {
namespace {

constexpr std::size_t kReadBytes = 4096;

std::string command_line(const Program& program) {
  return fmt::format("{}", fmt::join(program.arguments, " "));
}

// PATH, then the folders of administrators' programs, which a user's PATH often lacks.
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
Result<UniqueFd> input_file(std::string_view text) {
  UniqueFd file(memfd_create("stdin", MFD_CLOEXEC));
  if (!file) return fail("memfd_create", errno);
  while (!text.empty()) {
    const ssize_t written = write(file.get(), text.data(), text.size());
    if (written < 0) return fail("write standard input", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  lseek(file.get(), 0, SEEK_SET);
  return file;
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

// Appends what is there. True at the end of the stream.
bool drain(int fd, std::string& to) {
  std::array<char, kReadBytes> buffer;
  for (;;) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got == 0) return true;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno != EAGAIN;
    to.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

// Reads both streams until the process has ended, not until they are closed: a grandchild may keep them.
bool collect(int process, const Pipe& out, const Pipe& err, Nanoseconds timeout, ProgramOutput& output) {
  const MonotonicClock clock;
  const Nanoseconds deadline = clock.now() + timeout;
  std::array<pollfd, 3> polled{pollfd{process, POLLIN, 0}, pollfd{out.read.get(), POLLIN, 0},
                               pollfd{err.read.get(), POLLIN, 0}};
  for (const Pipe* pipe : {&out, &err}) {
    fcntl(pipe->read.get(), F_SETFL, O_NONBLOCK);
  }
  for (;;) {
    const Nanoseconds left = std::max<Nanoseconds>(deadline - clock.now(), 0);
    const timespec limit{left / kSecond, left % kSecond};
    const int ready = ppoll(polled.data(), polled.size(), &limit, nullptr);
    if (drain(out.read.get(), output.out)) polled[1].fd = -1;
    if (drain(err.read.get(), output.err)) polled[2].fd = -1;
    if (ready > 0 && polled[0].revents != 0) break;
    if (ready == 0) return false;
  }
  drain(out.read.get(), output.out);
  drain(err.read.get(), output.err);
  return true;
}

std::string without_last_newline(std::string text) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

}  // namespace

Result<ProgramOutput> run_program(const Program& program) {
  PENSTOCK_CHECK(!program.arguments.empty());
  const std::string what = "run " + command_line(program);
  const Result<std::string> path = find_program(program.arguments[0]);
  if (!path) return fail(what, path.error());
  Result<UniqueFd> input = input_file(program.input);
  if (!input) return fail(what, input.error());
  Result<Pipe> out = make_pipe();
  Result<Pipe> err = make_pipe();
  Result<Pipe> failure = make_pipe();
  if (!out || !err || !failure) return fail(what + ": make pipes", EMFILE);

  std::vector<char*> arguments;
  for (const std::string& argument : program.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  const Launch launch{
      path->c_str(),        arguments.data(),          input->get(), out->write.get(), err->write.get(),
      failure->write.get(), program.network_namespace, getpid()};
  const pid_t child = fork();
  if (child < 0) return fail(what + ": fork", errno);
  if (child == 0) become_program(launch);
  for (Result<Pipe>* pipe : {&out, &err, &failure}) {
    (*pipe)->write.reset();
  }

  ProgramOutput output;
  // By number: glibc 2.36 declares pidfd_open() without C linkage.
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  const bool ended = process && collect(process.get(), *out, *err, program.timeout, output);
  if (!ended) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  Failure failed{};
  if (read(failure->read.get(), &failed, sizeof(failed)) == sizeof(failed)) {
    constexpr std::array kSteps = {"its parent died", "enter the network namespace", "set up its streams",
                                   "exec"};
    return fail(what + ": " + kSteps[static_cast<std::size_t>(failed.step)], failed.code);
  }
  if (!ended) return fail(what + ": " + without_last_newline(output.err), ETIMEDOUT);
  if (WIFSIGNALED(status)) {
    return fail(fmt::format("{}: killed by SIG{}: {}", what, sigabbrev_np(WTERMSIG(status)),
                            without_last_newline(output.err)));
  }
  output.exit_status = WEXITSTATUS(status);
  return output;
}

Result<std::string> check_program(const Program& program) {
  Result<ProgramOutput> output = run_program(program);
  if (!output) return tl::unexpected(output.error());
  if (output->exit_status != 0) {
    return fail(fmt::format("run {}: exit status {}: {}", command_line(program), output->exit_status,
                            without_last_newline(output->err)));
  }
  return std::move(output->out);
}

}  // namespace penstock
