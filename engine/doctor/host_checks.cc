// Asking the kernel about this process.
#include "engine/doctor/host_checks.h"

#include <errno.h>
#include <liburing.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <string>

#include <fmt/format.h>

namespace penstock {
namespace {

struct Capability {
  int number;
  const char* name;
  const char* need;
};
constexpr Capability kNeeded[] = {{CAP_BPF, "CAP_BPF", "load the XDP program"},
                                  {CAP_NET_ADMIN, "CAP_NET_ADMIN", "attach it, and make the TAP"},
                                  {CAP_NET_RAW, "CAP_NET_RAW", "open AF_XDP sockets"}};

std::uint64_t effective_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return 0;
  return std::uint64_t{data[1].effective} << 32 | data[0].effective;
}

bool has(std::uint64_t capabilities, int number) {
  return (capabilities >> number & 1) != 0;
}

void check_kernel(Findings& findings) {
  utsname name{};
  uname(&name);
  findings.push_back({Level::kOk, "kernel", fmt::format("Linux {}; the engine asks for 5.15", name.release)});
}

bool check_capabilities(std::uint64_t capabilities, Findings& findings) {
  std::string missing;
  for (const Capability& needed : kNeeded) {
    if (has(capabilities, needed.number)) continue;
    missing += fmt::format("{}{} (to {})", missing.empty() ? "" : ", ", needed.name, needed.need);
  }
  if (missing.empty()) {
    findings.push_back(
        {Level::kOk, "capabilities", "this process has CAP_BPF, CAP_NET_ADMIN and CAP_NET_RAW"});
    return true;
  }
  findings.push_back(
      {Level::kFail, "capabilities", "missing: " + missing,
       "`setcap cap_bpf,cap_net_admin,cap_net_raw+ep penstock` and start it anew: a process that "
       "runs does not get them"});
  return false;
}

// The kernel counts the UMEM against the limit, unless the process may lock what it likes.
bool check_memlock(std::uint64_t capabilities, std::uint64_t umem_bytes, Findings& findings) {
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  const bool unlimited = has(capabilities, CAP_IPC_LOCK) || limit.rlim_cur == RLIM_INFINITY;
  if (unlimited || limit.rlim_cur >= umem_bytes) {
    findings.push_back(
        {Level::kOk, "memlock",
         fmt::format("the UMEM of {} KiB may be locked ({})", umem_bytes >> 10,
                     unlimited ? "no limit" : fmt::format("limit {} KiB", limit.rlim_cur >> 10))});
    return true;
  }
  findings.push_back({Level::kFail, "memlock",
                      fmt::format("the UMEM of {} KiB exceeds RLIMIT_MEMLOCK of {} KiB", umem_bytes >> 10,
                                  limit.rlim_cur >> 10),
                      "`ulimit -l unlimited`, or LimitMEMLOCK=infinity in the unit"});
  return false;
}

void check_huge_pages(Findings& findings) {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string modes;
  std::getline(file, modes);
  if (modes.find("[never]") == std::string::npos && !modes.empty()) {
    findings.push_back({Level::kOk, "huge pages", "transparent huge pages: " + modes});
    return;
  }
  findings.push_back(
      {Level::kWarn, "huge pages",
       "transparent huge pages are off: the UMEM lies in pages of 4 KiB, and a packet costs more",
       "`echo madvise > /sys/kernel/mm/transparent_hugepage/enabled`"});
}

bool check_io_uring(Findings& findings) {
  io_uring ring{};
  io_uring_params params{};
  params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  const int code = -io_uring_queue_init_params(4, &ring, &params);
  if (code == 0) {
    io_uring_queue_exit(&ring);
    findings.push_back({Level::kOk, "io_uring", "there, as the io_uring way needs it"});
    return true;
  }
  findings.push_back({Level::kWarn, "io_uring",
                      fmt::format("not usable: {}; the last way left would be udp", strerrorname_np(code)),
                      code == EPERM ? "`sysctl kernel.io_uring_disabled=0`" : "Linux 6.1 or newer"});
  return false;
}

}  // namespace

HostState check_host(std::uint64_t umem_bytes, Findings& findings) {
  const std::uint64_t capabilities = effective_capabilities();
  HostState state;
  check_kernel(findings);
  state.may_use_af_xdp = check_capabilities(capabilities, findings);
  state.umem_fits = check_memlock(capabilities, umem_bytes, findings);
  check_huge_pages(findings);
  state.io_uring = check_io_uring(findings);
  return state;
}

}  // namespace penstock
