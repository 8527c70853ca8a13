// Lists in force, each in a child that is under it: what is allowed works, what is not ends it. No privilege.
#include "engine/confine/seccomp_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "engine/confine/refused_call.h"

namespace penstock {
namespace {

// How a child under the list ended, and what it said on stderr.
struct End {
  int status = -1;
  std::string said;
};

End under(Caller caller, const std::function<void()>& body) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    prctl(PR_SET_NAME, "pen-test");
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!end_on_refused_calls() || !put_under(seccomp_filter({.caller = caller, .process = getpid()})))
      _exit(100);
    body();
    _exit(0);
  }
  close(ends[1]);
  End end;
  std::array<char, 512> text{};
  for (ssize_t got = 0; (got = read(ends[0], text.data(), text.size())) > 0;)
    end.said.append(text.data(), static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  end.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return end;
}

void expect_refused(Caller caller, const std::string& call, const std::function<void()>& body) {
  const End end = under(caller, body);
  EXPECT_EQ(end.status, kRefusedStatus) << call << ": " << end.said;
  EXPECT_NE(end.said.find("thread pen-test made a system call that its list does not allow"),
            std::string::npos)
      << end.said;
  EXPECT_NE(end.said.find(": " + call + ";"), std::string::npos) << end.said;
}

long bpf(int command) {
  bpf_attr attr{};
  return syscall(SYS_bpf, command, &attr, sizeof(attr));
}

TEST(SeccompFilter, TheBrokerLoadsAndLinksAndStartsNothing) {
  const auto asks = [] {
    if (bpf(BPF_PROG_LOAD) == 0 || errno == ENOSYS) _exit(1);  // refused by the kernel, not by the list
    socket(AF_XDP, SOCK_RAW, 0);
    const int fd = open("/dev/null", O_RDONLY);
    if (fd < 0 || dup3(fd, fd + 1, 0) < 0) _exit(2);
  };
  const End end = under(Caller::kBroker, asks);
  EXPECT_EQ(end.status, 0) << end.said;
  expect_refused(Caller::kBroker, "execve", [] { execl("/bin/true", "true", nullptr); });
  expect_refused(Caller::kBroker, "socket", [] { socket(AF_PACKET, SOCK_RAW, 0); });
  expect_refused(Caller::kBroker, "bpf", [] { bpf(BPF_OBJ_PIN); });
  expect_refused(Caller::kBroker, "mount", [] { syscall(SYS_mount, "", "", "", 0, nullptr); });
  expect_refused(Caller::kEngine, "dup3", [] { dup3(0, 1, 0); });
}

TEST(SeccompFilter, TheEngineOpensFilesAndATileDoesNot) {
  const auto open_file = [] {
    if (open("/dev/null", O_RDONLY) < 0) _exit(1);
  };
  EXPECT_EQ(under(Caller::kEngine, open_file).status, 0);
  expect_refused(Caller::kTiles, "openat", open_file);
}

TEST(SeccompFilter, OrdinarySocketsAreTheEnginesAloneAndRawOnesNobodys) {
  const auto ordinary = [] {
    if (socket(AF_INET, SOCK_DGRAM, 0) < 0) _exit(1);
  };
  EXPECT_EQ(under(Caller::kEngine, ordinary).status, 0);
  expect_refused(Caller::kTiles, "socket", ordinary);
  expect_refused(Caller::kEngine, "socket", [] { socket(AF_PACKET, SOCK_RAW, 0); });
  expect_refused(Caller::kEngine, "socket", [] { socket(AF_XDP, SOCK_RAW, 0); });
}

TEST(SeccompFilter, MapsAreWrittenAndNoProgramIsLoaded) {
  const auto update = [] {
    if (bpf(BPF_MAP_UPDATE_ELEM) != -1) _exit(1);  // of no map
  };
  EXPECT_EQ(under(Caller::kTiles, update).status, 0);
  for (const Caller caller : {Caller::kEngine, Caller::kTiles}) {
    expect_refused(caller, "bpf", [] { bpf(BPF_PROG_LOAD); });
    expect_refused(caller, "bpf", [] { bpf(BPF_MAP_CREATE); });
    expect_refused(caller, "bpf", [] { bpf(BPF_LINK_CREATE); });
    expect_refused(caller, "bpf", [] { bpf(BPF_PROG_GET_FD_BY_ID); });
  }
}

TEST(SeccompFilter, NoMemoryIsExecutable) {
  const auto map = [](int protection) {
    return [protection] {
      if (mmap(nullptr, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED) _exit(1);
    };
  };
  EXPECT_EQ(under(Caller::kTiles, map(PROT_READ | PROT_WRITE)).status, 0);
  expect_refused(Caller::kTiles, "mmap", map(PROT_READ | PROT_EXEC));
  expect_refused(Caller::kEngine, "mmap", map(PROT_READ | PROT_EXEC));
}

TEST(SeccompFilter, NoProcessIsStartedSignalledOrTraced) {
  const std::pair<const char*, std::function<void()>> calls[] = {
      {"clone", [] { syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr); }},
      {"execve", [] { execl("/bin/true", "true", nullptr); }},
      {"kill", [] { syscall(SYS_kill, 1, 0); }},
      {"tgkill", [] { syscall(SYS_tgkill, 1, 1, 0); }},
      {"ptrace", [] { syscall(SYS_ptrace, 0, 0, 0, 0); }},
      {"unshare", [] { unshare(CLONE_NEWUSER); }},
      {"process_vm_writev", [] { syscall(SYS_process_vm_writev, 1, nullptr, 0, nullptr, 0, 0); }},
      {"io_uring_setup", [] { syscall(SYS_io_uring_setup, 1, nullptr); }}};
  for (const auto& [name, call] : calls) {
    expect_refused(Caller::kEngine, name, call);
    expect_refused(Caller::kTiles, name, call);
  }
}

// glibc tries it first, and takes clone() when there is none.
TEST(SeccompFilter, Clone3IsNotThere) {
  EXPECT_EQ(under(Caller::kEngine,
                  [] {
                    if (syscall(SYS_clone3, nullptr, 0) != -1 || errno != ENOSYS) _exit(1);
                  })
                .status,
            0);
}

TEST(SeccompFilter, AnAbortIsAnAbort) {
  EXPECT_EQ(under(Caller::kTiles, [] { abort(); }).status, -SIGABRT);
}

// The numbers of i386, which stand for other calls.
TEST(SeccompFilter, AnotherInstructionSetIsTheEnd) {
  const End end = under(Caller::kEngine, [] { __asm__ volatile("int $0x80" : : "a"(20) : "memory"); });
  EXPECT_TRUE(end.status == -SIGSYS || end.status == -SIGSEGV) << end.status;  // SIGSEGV: the kernel has none
}

}  // namespace
}  // namespace penstock
