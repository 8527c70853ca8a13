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
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "engine/base/read_file.h"
#include "engine/doctor/needed_capabilities.h"

namespace penstock {
namespace {

// BPF links for XDP, batched map updates and all that af_xdp.rst describes are there.
constexpr int kLeastMajor = 5, kLeastMinor = 15;

std::uint64_t effective_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return 0;
  return std::uint64_t{data[1].effective} << 32 | data[0].effective;
}

void check_kernel(Findings& findings) {
  utsname name{};
  uname(&name);
  const bool good = is_new_enough(name.release);
  findings.push_back(
      {good ? Level::kOk : Level::kFail, "kernel",
       fmt::format("Linux {}; the engine asks for {}.{}", name.release, kLeastMajor, kLeastMinor),
       good ? "" : "install a newer kernel, and boot it", Needed::kByAfXdp});
}

bool check_capabilities(std::uint64_t capabilities, Findings& findings) {
  const std::string missing = missing_capabilities(capabilities);
  if (missing.empty()) {
    findings.push_back(
        {Level::kOk, "capabilities", "this process has CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON and CAP_NET_RAW"});
    return true;
  }
  findings.push_back({Level::kFail, "capabilities", "missing: " + missing,
                      fmt::format("`{} penstock` and start it anew: a process that runs does not get them",
                                  kSetCapabilities),
                      Needed::kByAfXdp});
  return false;
}

// The kernel counts the UMEM against the limit, unless the process may lock what it likes.
bool check_memlock(std::uint64_t capabilities, std::uint64_t umem_bytes, Findings& findings) {
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  const bool unlimited = has_capability(capabilities, CAP_IPC_LOCK) || limit.rlim_cur == RLIM_INFINITY;
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
                      "`ulimit -l unlimited`, or LimitMEMLOCK=infinity in the unit", Needed::kByAfXdp});
  return false;
}

bool check_huge_pages(std::uint64_t umem_bytes, HugePages wanted, Findings& findings) {
  constexpr std::uint64_t kHugePage = std::uint64_t{2} << 20;
  const std::uint64_t needed = (umem_bytes + kHugePage - 1) / kHugePage;
  const std::uint64_t free = free_huge_pages();
  if (wanted == HugePages::kOff) {
    findings.push_back({Level::kOk, "huge pages", "off, as configured"});
    return true;
  }
  if (free >= needed) {
    findings.push_back(
        {Level::kOk, "huge pages", fmt::format("{} reserved and free, {} needed", free, needed)});
    return true;
  }
  if (wanted == HugePages::kRequired) {
    findings.push_back({Level::kFail, "huge pages",
                        fmt::format("required are {}, free are {} of those reserved", needed, free),
                        fmt::format("`sysctl vm.nr_hugepages=N`, {} more than now", needed - free),
                        Needed::kByAfXdp});
    return false;
  }
  const std::string modes = first_line_of("/sys/kernel/mm/transparent_hugepage/enabled");
  if (modes.find("[never]") == std::string::npos && !modes.empty()) {
    findings.push_back({Level::kOk, "huge pages", "transparent huge pages: " + modes});
    return true;
  }
  findings.push_back(
      {Level::kWarn, "huge pages",
       "transparent huge pages are off: the UMEM lies in pages of 4 KiB, and a packet costs more",
       "`echo madvise > /sys/kernel/mm/transparent_hugepage/enabled`"});
  return true;
}

// EPERM has two causes, and the sysctl shows which.
std::string io_uring_advice(int code) {
  if (code != EPERM) return "Linux 6.1 or newer";
  std::ifstream file("/proc/sys/kernel/io_uring_disabled");
  int disabled = 0;
  file >> disabled;
  return disabled != 0 ? "`sysctl kernel.io_uring_disabled=0`"
                       : "a seccomp filter forbids it: container and unit settings say which";
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
                      io_uring_advice(code)});
  return false;
}

}  // namespace

bool is_new_enough(const std::string& release) {
  int major = 0, minor = 0;
  if (std::sscanf(release.c_str(), "%d.%d", &major, &minor) != 2) return true;
  return major > kLeastMajor || (major == kLeastMajor && minor >= kLeastMinor);
}

HostState check_host(std::uint64_t umem_bytes, HugePages huge_pages, Findings& findings) {
  const std::uint64_t capabilities = effective_capabilities();
  HostState state;
  check_kernel(findings);
  state.may_use_af_xdp = check_capabilities(capabilities, findings);
  state.umem_fits = check_memlock(capabilities, umem_bytes, findings);
  state.umem_fits = check_huge_pages(umem_bytes, huge_pages, findings) && state.umem_fits;
  state.io_uring = check_io_uring(findings);
  return state;
}

}  // namespace penstock
