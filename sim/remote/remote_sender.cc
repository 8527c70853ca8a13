// ssh as a child, and the conversation.
#include "sim/remote/remote_sender.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/base/wait.h"

namespace penstock {
namespace {

constexpr Nanoseconds kConnectTimeout = 30 * kSecond;
constexpr Nanoseconds kPrepareTimeout = 300 * kSecond;  // a large workload takes a while
constexpr Nanoseconds kSilence = 60 * kSecond;          // of one that should be sending
constexpr Nanoseconds kLook = 100 * kMillisecond;       // for a stop
constexpr Nanoseconds kPatience = 2 * kSecond;          // for the end of ssh
constexpr std::size_t kShown = 400;                     // of what ssh said

struct Pipe {
  UniqueFd read, write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail("pipe", errno);
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<pid_t> spawn(const std::vector<std::string>& command, int input, int output, int errors) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  // A group of its own, so that Ctrl-C in a terminal reaches the run, which then hangs up; no signal blocked.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  pid_t child = 0;
  const int code = posix_spawnp(&child, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (code != 0) return fail(fmt::format("start {}", command[0]), code);
  return child;
}

}  // namespace

RemoteSender::RemoteSender(LineChannel channel, UniqueFd said, pid_t child, std::string what)
    : channel_(std::move(channel)), said_(std::move(said)), child_(child), what_(std::move(what)) {}

RemoteSender::~RemoteSender() {
  channel_.close_output();
  if (wait_until([this] { return waitpid(child_, nullptr, WNOHANG) != 0; }, kPatience)) return;
  ::kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

Result<std::unique_ptr<RemoteSender>> RemoteSender::connect(const RemoteHost& host) {
  ::signal(SIGPIPE, SIG_IGN);
  const std::string what = fmt::format("sender by {}", fmt::join(host.ssh, " "));
  Result<Pipe> to = make_pipe(), from = make_pipe();
  if (!to) return fail(what, to.error());
  if (!from) return fail(what, from.error());
  UniqueFd said(memfd_create("ssh", MFD_CLOEXEC));
  if (!said) return fail(what, errno);
  std::vector<std::string> command = host.ssh;
  command.insert(command.end(), {host.runner, "remote-sender"});
  const Result<pid_t> child = spawn(command, to->read.get(), from->write.get(), said.get());
  if (!child) return fail(what, child.error());
  to->read.reset();
  from->write.reset();
  std::unique_ptr<RemoteSender> made(new RemoteSender(
      LineChannel(std::move(from->read), std::move(to->write)), std::move(said), *child, what));
  const Result<RemoteMessage> first = made->next(kConnectTimeout);
  if (!first) {
    Error error = first.error();
    if (error.code == ECONNRESET) error.code = ENOTCONN;  // nothing was lost that had been there
    return tl::unexpected(error);
  }
  const auto* hello = std::get_if<RemoteHello>(&*first);
  if (hello == nullptr) return fail(what + ": it does not begin with a hello");
  if (hello->protocol != kRemoteProtocol) {
    return fail(fmt::format("{}: it speaks version {} of the protocol (runner {}), and this runner {}", what,
                            hello->protocol, hello->version, kRemoteProtocol),
                EPROTONOSUPPORT, "install the same release on both hosts");
  }
  return made;
}

Result<RemoteReady> RemoteSender::prepare(const RemoteTask& task) {
  if (Status told = channel_.write_line(to_line(task)); !told) return lost(told.error());
  const Result<RemoteMessage> answer = next(kPrepareTimeout);
  if (!answer) return tl::unexpected(answer.error());
  const auto* ready = std::get_if<RemoteReady>(&*answer);
  if (ready == nullptr) return fail(what_ + ": it does not say that it is ready", EPROTO);
  return *ready;
}

Status RemoteSender::send(const std::function<void(std::uint64_t done)>& progress,
                          const std::stop_token& stop) {
  last_ = {};
  if (Status told = channel_.write_line(to_line(RemoteSend{})); !told) return lost(told.error());
  for (Nanoseconds silence = 0; silence < kSilence;) {
    if (stop.stop_requested()) {
      channel_.close_output();
      return fail(what_ + ": stopped", ECANCELED);
    }
    const Result<RemoteMessage> message = next(kLook);
    if (!message && message.error().code == ETIMEDOUT) {
      silence += kLook;
      continue;
    }
    if (!message) return tl::unexpected(message.error());
    silence = 0;
    if (const auto* sent = std::get_if<RemoteSent>(&*message)) {
      last_ = *sent;
      return {};
    }
    if (const auto* so_far = std::get_if<RemoteProgress>(&*message)) progress(so_far->done);
  }
  return lost(Error{"nothing was heard for a minute", ECONNRESET, {}});
}

Result<RemoteMessage> RemoteSender::next(Nanoseconds timeout) {
  const Result<std::string> line = channel_.read_line(timeout);
  if (!line && line.error().code == ETIMEDOUT && timeout == kLook) return tl::unexpected(line.error());
  if (!line) return lost(line.error());
  Result<RemoteMessage> message = parse_line(*line);
  if (!message) return fail(what_, message.error());
  if (const auto* failure = std::get_if<RemoteFailure>(&*message))
    return fail(what_ + ": " + failure->what, EREMOTEIO);
  return message;
}

// With the last of what ssh wrote.
tl::unexpected<Error> RemoteSender::lost(const Error& error) const {
  std::array<char, kShown> text{};
  const off_t end = lseek(said_.get(), 0, SEEK_END);
  const off_t from = std::max<off_t>(0, end - static_cast<off_t>(text.size()));
  const ssize_t got = pread(said_.get(), text.data(), text.size(), from);
  std::string said(text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  while (!said.empty() && (said.back() == '\n' || said.back() == '\r'))
    said.pop_back();
  std::replace(said.begin(), said.end(), '\n', ' ');
  return fail(fmt::format("{}: {}{}", what_, error.what, said.empty() ? "" : "; it said: " + said),
              error.code, "try the command by hand; `-o BatchMode=yes` keeps ssh from asking");
}

}  // namespace penstock
