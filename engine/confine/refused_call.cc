// SIGSYS, which seccomp raises in the thread that made the call.
#include "engine/confine/refused_call.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "engine/confine/allowed_calls.h"

namespace penstock {
namespace {

// Made before: a handler may not allocate.
constexpr int kMostCalls = 1024;
constexpr std::size_t kRoom = 32;
std::array<std::array<char, kRoom>, kMostCalls> names;

// Text put together without allocating.
class Line {
 public:
  Line& add(const char* text) {
    const std::size_t room = text_.size() - used_;
    const std::size_t length = strnlen(text, room);
    std::memcpy(text_.data() + used_, text, length);
    used_ += length;
    return *this;
  }
  void print() const { static_cast<void>(::write(STDERR_FILENO, text_.data(), used_) > 0); }

 private:
  std::array<char, 256> text_{};
  std::size_t used_ = 0;
};

void on_refused_call(int /*signal*/, siginfo_t* what, void* /*context*/) {
  std::array<char, 16> thread{};
  prctl(PR_GET_NAME, thread.data());
  const int number = what->si_syscall;
  const char* const name =
      number >= 0 && number < kMostCalls ? names[static_cast<std::size_t>(number)].data() : "a call unknown";
  Line()
      .add("penstock: thread ")
      .add(thread.data())
      .add(" made a system call that its list does not allow, or not with these arguments: ")
      .add(name)
      .add("; ends (docs/confinement.md)\n")
      .print();
  _exit(kRefusedStatus);
}

}  // namespace

Status end_on_refused_calls() {
  for (int number = 0; number < kMostCalls; ++number)
    syscall_name(number).copy(names[static_cast<std::size_t>(number)].data(), kRoom - 1);
  struct sigaction action {};
  action.sa_sigaction = on_refused_call;
  action.sa_flags = SA_SIGINFO;
  if (sigaction(SIGSYS, &action, nullptr) != 0) return fail("handle SIGSYS", errno);
  return {};
}

}  // namespace penstock
