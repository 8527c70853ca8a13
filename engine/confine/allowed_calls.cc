// The table. In each group by name.
#include "engine/confine/allowed_calls.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace penstock {
namespace {

using Kind = ArgumentRule::Kind;

constexpr std::uint32_t kExecutable[] = {PROT_EXEC};
constexpr ArgumentRule kNoCode{Kind::kLacksBits, 2, kExecutable, "no PROT_EXEC"};
constexpr std::uint32_t kThread[] = {CLONE_THREAD};
constexpr std::uint32_t kOrdinarySockets[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
constexpr std::uint32_t kMapCommands[] = {BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM,
                                          BPF_OBJ_GET_INFO_BY_FD};
// No pinning, no attaching to anything but by a link, no test runs, no tracing.
constexpr std::uint32_t kLoaderCommands[] = {
    BPF_MAP_CREATE,        BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM,   BPF_MAP_DELETE_ELEM,
    BPF_MAP_GET_NEXT_KEY,  BPF_MAP_FREEZE,      BPF_MAP_GET_FD_BY_ID,  BPF_BTF_LOAD,
    BPF_BTF_GET_FD_BY_ID,  BPF_PROG_LOAD,       BPF_PROG_GET_NEXT_ID,  BPF_PROG_GET_FD_BY_ID,
    BPF_PROG_BIND_MAP,     BPF_LINK_CREATE,     BPF_LINK_UPDATE,       BPF_LINK_GET_NEXT_ID,
    BPF_LINK_GET_FD_BY_ID, BPF_PROG_QUERY,      BPF_OBJ_GET_INFO_BY_FD};
constexpr std::uint32_t kBrokersSockets[] = {AF_XDP, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
constexpr std::uint32_t kThreadSettings[] = {PR_SET_NAME, PR_GET_NAME, PR_SET_TIMERSLACK, PR_SET_VMA,
                                             PR_SET_SECCOMP};
constexpr std::uint32_t kTileIoctls[] = {SIOCGIFFLAGS, TUNGETIFF};
constexpr std::uint32_t kIoctls[] = {SIOCGIFFLAGS, TUNGETIFF,     SIOCGIFINDEX, SIOCGIFNAME, SIOCETHTOOL,
                                     SIOCGIFMTU,   SIOCGIFHWADDR, TCGETS,       TIOCGWINSZ};

constexpr std::uint32_t kBrokersIoctls[] = {SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCGIFINDEX,
                                            SIOCGIFNAME,  SIOCETHTOOL,  TUNSETIFF};

constexpr AllowedCall kCalls[] = {
    // Memory.
    {__NR_brk, Caller::kAll, "malloc"},
    {__NR_madvise, Caller::kAll, "UMEM pages; a thread's stack at its end"},
    {__NR_mmap, Caller::kAll, "malloc, stacks, UMEM, rings, BPF globals", kNoCode},
    {__NR_mprotect, Caller::kAll, "malloc, stacks", kNoCode},
    {__NR_mremap, Caller::kAll, "realloc"},
    {__NR_munmap, Caller::kAll, "free; rings and UMEM at the end"},
    {__NR_memfd_create, Caller::kEngine, "the outlet's ring"},

    // Threads.
    {__NR_capget, Caller::kEngine, "a new thread gives its capabilities up"},
    {__NR_capset, Caller::kEngine, "the same; it can only take away"},
    {__NR_clone, Caller::kEngine, "new threads, no processes", {Kind::kHasBits, 0, kThread, "CLONE_THREAD"}},
    {__NR_clone3,
     Caller::kEngine,
     "answered ENOSYS: glibc then uses clone, whose flags can be looked at",
     {},
     false,
     ENOSYS},
    {__NR_exit, Caller::kAll, "a thread's end"},
    {__NR_exit_group, Caller::kAll, "the end; a stalled tile's with status 3"},
    {__NR_futex, Caller::kAll, "mutexes, joining threads"},
    {__NR_getpid, Caller::kAll, "abort; the process that the metrics name"},
    {__NR_gettid, Caller::kAll, "abort"},
    {__NR_prctl,
     Caller::kAll,
     "a thread's name, unrounded sleeps; a tile takes the shorter list, which can only take away",
     {Kind::kOneOf, 0, kThreadSettings,
      "PR_SET_NAME, PR_GET_NAME, PR_SET_TIMERSLACK, PR_SET_VMA, PR_SET_SECCOMP"}},
    {__NR_rseq, Caller::kEngine, "a new thread"},
    {__NR_sched_getaffinity, Caller::kEngine, "which CPUs there are"},
    {__NR_sched_setaffinity, Caller::kEngine, "threads.net_cpus, threads.return_cpu"},
    {__NR_sched_yield, Caller::kAll, "spinning on a lock"},
    {__NR_setpriority, Caller::kEngine, "pen-http is nice"},
    {__NR_set_robust_list, Caller::kEngine, "a new thread"},
    {__NR_wait4, Caller::kEngine, "the broker's end"},

    // Signals.
    {__NR_restart_syscall, Caller::kAll, "sleeping on behind a SIGSTOP"},
    {__NR_rt_sigaction, Caller::kAll, "abort; SIGPIPE ignored"},
    {__NR_rt_sigprocmask, Caller::kAll, "thread start and end, abort"},
    {__NR_rt_sigreturn, Caller::kAll, "the end of a signal handler"},
    {__NR_sigaltstack, Caller::kEngine, "thread start with some C libraries"},
    {__NR_signalfd4, Caller::kEngine, "SIGTERM, SIGHUP and the like as events"},
    {__NR_tgkill, Caller::kAll, "abort", {Kind::kThisProcess, 0, {}, "this process"}},

    // Time.
    {__NR_clock_getres, Caller::kAll, "clocks where the vDSO has none"},
    {__NR_clock_gettime, Caller::kAll, "clocks where the vDSO has none"},
    {__NR_clock_nanosleep, Caller::kAll, "idle tiles"},
    {__NR_gettimeofday, Caller::kAll, "clocks where the vDSO has none"},
    {__NR_nanosleep, Caller::kAll, "idle tiles"},

    // Waiting and moving bytes.
    {__NR_bpf,
     Caller::kAll,
     "ports, addresses, sockets and counts of the XDP program, by descriptor",
     {Kind::kOneOf, 0, kMapCommands,
      "MAP_LOOKUP_ELEM, MAP_UPDATE_ELEM, MAP_DELETE_ELEM, OBJ_GET_INFO_BY_FD"}},
    {__NR_bpf,
     Caller::kBroker,
     "the receiver's own object loaded, linked and swapped; whose program is in the way",
     {Kind::kOneOf, 0, kLoaderCommands,
      "MAP_*, BTF_*, PROG_LOAD, PROG_BIND_MAP, PROG_QUERY, LINK_CREATE, LINK_UPDATE, *_BY_ID, "
      "OBJ_GET_INFO_BY_FD"}},
    {__NR_close, Caller::kAll, "detaching: the link's last descriptor"},
    {__NR_epoll_create1, Caller::kEngine, "the companion socket's ports, the path udp"},
    {__NR_epoll_ctl, Caller::kAll, "the same, also for ports that are added while it runs"},
    {__NR_epoll_wait, Caller::kAll, "the same"},
    {__NR_eventfd2, Caller::kEngine, "a net thread says that it has ended"},
    {__NR_fcntl, Caller::kAll, "descriptors duplicated, made non-blocking or sealed"},
    {__NR_getsockopt, Caller::kAll, "XDP_STATISTICS, XDP_OPTIONS, ring offsets"},
    {__NR_poll, Caller::kAll, "waiting for frames, signals, clients"},
    {__NR_ppoll, Caller::kAll, "waiting for frames"},
    {__NR_read, Caller::kAll, "signals, files, events"},
    {__NR_recvfrom, Caller::kAll, "waking an AF_XDP socket; netlink answers; HTTP requests"},
    {__NR_recvmmsg, Caller::kAll, "the companion socket, the path udp"},
    {__NR_recvmsg, Caller::kAll, "netlink; the broker's answers"},
    {__NR_sendmmsg, Caller::kAll, "outlet.forward"},
    {__NR_sendmsg, Caller::kAll, "outlet.forward; requests to the broker; descriptors to readers"},
    {__NR_sendto, Caller::kAll, "netlink; the service manager; HTTP answers"},
    {__NR_write, Caller::kAll, "frames to the TAP; messages; files"},
    {__NR_writev, Caller::kAll, "messages of a failed check"},
    {__NR_io_uring_enter, Caller::kAll, "receiving by io_uring", {}, true},
    {__NR_io_uring_register, Caller::kAll, "its buffers; enabling it; cancelling at the end", {}, true},
    {__NR_io_uring_setup, Caller::kEngine, "opening it", {}, true},

    // Sockets.
    {__NR_accept4, Caller::kEngine, "HTTP clients, readers of the outlet, operators' commands"},
    {__NR_bind, Caller::kEngine, "queues, ports, metrics.listen, outlet.socket, --control"},
    {__NR_connect, Caller::kEngine, "outlet.forward; whether an outlet's socket is somebody's"},
    {__NR_getsockname, Caller::kEngine, "the port that the kernel chose"},
    {__NR_listen, Caller::kEngine, "metrics.listen, outlet.socket, --control"},
    {__NR_setsockopt, Caller::kEngine, "UMEM and rings of an AF_XDP socket; buffers of the others"},
    {__NR_shutdown, Caller::kEngine, "the end of an HTTP answer"},
    {__NR_socket,
     Caller::kEngine,
     "ports, metrics, outlets, netlink; neither AF_XDP nor AF_PACKET",
     {Kind::kOneOf, 0, kOrdinarySockets, "AF_UNIX, AF_INET, AF_INET6, AF_NETLINK"}},
    {__NR_socket,
     Caller::kBroker,
     "queues' sockets; ports; netlink and ioctls for the TAP",
     {Kind::kOneOf, 0, kBrokersSockets, "AF_XDP, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK"}},
    {__NR_ioctl,
     Caller::kBroker,
     "the TAP made and put up; an interface's name",
     {Kind::kOneOf, 1, kBrokersIoctls,
      "SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCGIFINDEX, SIOCGIFNAME, SIOCETHTOOL, TUNSETIFF"}},
    {__NR_ioctl,
     Caller::kTiles,
     "whether interface and TAP are up",
     {Kind::kOneOf, 1, kTileIoctls, "SIOCGIFFLAGS, TUNGETIFF"}},
    {__NR_ioctl,
     Caller::kEngine,
     "the interface's index, driver and size; whether stdout is a terminal",
     {Kind::kOneOf, 1, kIoctls,
      "SIOCGIFFLAGS, TUNGETIFF, SIOCGIFINDEX, SIOCGIFNAME, SIOCETHTOOL, SIOCGIFMTU, SIOCGIFHWADDR, TCGETS, "
      "TIOCGWINSZ"}},

    // Files.
    {__NR_access, Caller::kEngine, "what /sys has"},
    {__NR_chmod, Caller::kEngine, "--control for its owner alone"},
    {__NR_dup, Caller::kEngine, "descriptors of a BPF object"},
    {__NR_dup3, Caller::kBroker, "descriptors of a BPF object"},
    {__NR_faccessat2, Caller::kEngine, "what /sys has"},
    {__NR_fchmod, Caller::kEngine, "the counters file"},
    {__NR_fstat, Caller::kEngine, "buffered output"},
    {__NR_fsync, Caller::kEngine, "files that are to survive"},
    {__NR_ftruncate, Caller::kEngine, "the size of the outlet's ring"},
    {__NR_getdents64, Caller::kEngine, "/proc/self/task, /sys"},
    {__NR_lseek, Caller::kEngine, "buffered files"},
    {__NR_newfstatat, Caller::kEngine, "whether a file is there"},
    {__NR_openat, Caller::kEngine, "its file, leader schedule, /proc, /sys, the counters file"},
    {__NR_pread64, Caller::kEngine, "files"},
    {__NR_readlink, Caller::kEngine, "the driver's name in /sys"},
    {__NR_readlinkat, Caller::kEngine, "the driver's name in /sys"},
    {__NR_rename, Caller::kEngine, "the counters file into its place"},
    {__NR_statx, Caller::kEngine, "whether a file is there"},
    {__NR_unlink, Caller::kEngine, "outlet.socket, --control; a counters file that could not be written"},
    {__NR_unlinkat, Caller::kEngine, "the same"},

    // What the C library asks on the way.
    {__NR_getcpu, Caller::kAll, "on which core a net thread runs, where the vDSO does not say"},
    {__NR_getrandom, Caller::kAll, "seeds of malloc and of libraries"},
    {__NR_prlimit64, Caller::kEngine, "stack sizes; the memlock limit"},
    {__NR_sysinfo, Caller::kEngine, "sorting in the C library"},
    {__NR_uname, Caller::kEngine, "the kernel's version"},
};

struct Name {
  int number;
  const char* name;
};
constexpr Name kNames[] = {
#include "engine/confine/syscall_names.inc"
};

const char* words_of(Caller caller) {
  switch (caller) {
    case Caller::kEngine:
      return "not the tiles";
    case Caller::kTiles:
      return "the tiles";
    case Caller::kBroker:
      return "the broker";
    case Caller::kAll:
      return "all";
  }
  return "";
}

}  // namespace

std::span<const AllowedCall> allowed_calls() {
  return kCalls;
}

bool is_of_list(const AllowedCall& call, Caller list) {
  if (list != Caller::kBroker) return call.caller == list || call.caller == Caller::kAll;
  if (call.caller == Caller::kBroker) return true;
  const bool has_own = std::any_of(std::begin(kCalls), std::end(kCalls), [&](const AllowedCall& other) {
    return other.caller == Caller::kBroker && other.number == call.number;
  });
  return call.caller != Caller::kTiles && !has_own;
}

std::string syscall_name(int number) {
  for (const Name& one : kNames) {
    if (one.number == number) return one.name;
  }
  return fmt::format("system call {}", number);
}

std::string allowed_calls_table() {
  std::string table = "| call | who | only with | what for |\n|---|---|---|---|\n";
  for (const AllowedCall& call : allowed_calls()) {
    table += fmt::format("| `{}` | {}{} | {} | {} |\n", syscall_name(call.number), words_of(call.caller),
                         call.io_uring ? ", path io_uring" : "", call.rule.in_words, call.reason);
  }
  return table;
}

}  // namespace penstock
