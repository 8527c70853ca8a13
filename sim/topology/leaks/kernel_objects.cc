// Lists of bpf(2), interfaces by name, /proc and /dev/shm.
#include "sim/topology/leaks/kernel_objects.h"

#include <errno.h>
#include <net/if.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/base/read_file.h"
#include "engine/base/unique_fd.h"
#include "engine/base/wait.h"
#include "sim/topology/leaks/bpf_holders.h"
#include "sim/topology/leaks/entries_of.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

using Names = std::set<std::string>;

constexpr Nanoseconds kLookAgain = 5 * kMillisecond;
// The kernel frees BPF objects behind grace periods and from work queues, on a busy machine some seconds
// after the last descriptor. What is there for longer is asked for its holder.
constexpr Nanoseconds kAskForHolders = 10 * kSecond;

std::string name_of(const bpf_prog_info& info) {
  return info.name;
}
std::string name_of(const bpf_map_info& info) {
  return info.name;
}
std::string name_of(const bpf_link_info& info) {
  return fmt::format("of program {}", info.prog_id);
}

// One of the three kinds. An object that goes between two calls is not listed.
template <typename Info>
Status add_bpf(BpfKind kind, int (*next_id)(__u32, __u32*), int (*fd_by_id)(__u32), Names& names) {
  __u32 id = 0;
  while (next_id(id, &id) == 0) {
    const UniqueFd object(fd_by_id(id));
    if (!object) continue;
    Info info{};
    __u32 length = sizeof(info);
    if (bpf_obj_get_info_by_fd(object.get(), &info, &length) != 0) continue;
    names.insert(fmt::format("{} {}", name_of(BpfObject(kind, id)), name_of(info)));
  }
  if (errno != ENOENT) {
    return fail(fmt::format("list bpf {}s", name_of(kind)), errno, "run as root, or with CAP_SYS_ADMIN");
  }
  return {};
}

void add_interfaces(Names& names) {
  struct if_nameindex* const list = if_nameindex();
  for (const struct if_nameindex* link = list; link && link->if_index != 0; ++link) {
    names.insert(fmt::format("interface {}", link->if_name));
  }
  if_freenameindex(list);
}

void add_mounts(Names& names) {
  std::ifstream file("/proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    names.insert("mount " + line);
  }
}

void add_shared_memory(Names& names) {
  for (const fs::directory_entry& entry : entries_of("/dev/shm")) {
    names.insert("shared memory " + entry.path().string());
  }
  for (const fs::directory_entry& size : entries_of("/sys/kernel/mm/hugepages")) {
    const std::string total = first_line_of(size.path() / "nr_hugepages");
    names.insert(fmt::format("huge pages {} = {}", size.path().filename().string(), total));
  }
}

// The settings below a folder that can be read. Some below /proc/sys/net are counts that move by themselves:
// none is known on the kernels we run on; a new one shows as a leak that names it.
void add_settings(const fs::path& folder, Names& names) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : entries_of(folder)) {
    if (entry.is_directory(ignored)) {
      add_settings(entry.path(), names);
    } else if (access(entry.path().c_str(), R_OK) == 0) {
      names.insert(fmt::format("sysctl {} = {}", entry.path().lexically_relative("/proc/sys").string(),
                               first_line_of(entry.path())));
    }
  }
}

struct Process {
  pid_t parent = 0;
  std::string name{};
  bool ended = false;  // a zombie: its parent has not looked yet
};

// The decimal number that `text` begins with; 0 when it begins with none.
pid_t pid_at(std::string_view text) {
  pid_t pid = 0;
  std::from_chars(text.data(), text.data() + text.size(), pid);
  return pid;
}

// /proc/PID/stat: "PID (name) state parent ...", where the name may hold anything.
std::map<pid_t, Process> all_processes() {
  std::map<pid_t, Process> processes;
  for (const fs::directory_entry& entry : entries_of("/proc")) {
    const std::string number = entry.path().filename();
    if (number.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string stat = first_line_of(entry.path() / "stat");
    const std::size_t open = stat.find('(');
    const std::size_t close = stat.rfind(')');
    if (open == std::string::npos || close == std::string::npos || stat.size() < close + 5) continue;
    Process process{.name = stat.substr(open + 1, close - open - 1), .ended = stat[close + 2] == 'Z'};
    process.parent = pid_at(std::string_view(stat).substr(close + 4));
    processes[pid_at(number)] = process;
  }
  return processes;
}

// Those that the threads of a process are in, and those that it holds by a descriptor.
void add_network_namespaces(pid_t pid, Names& names) {
  const fs::path process = fs::path("/proc") / std::to_string(pid);
  const auto add = [&names](const fs::path& link) {
    std::error_code error;
    const std::string target = fs::read_symlink(link, error);
    if (!error && target.starts_with("net:[")) names.insert("network namespace " + target);
  };
  for (const fs::directory_entry& thread : entries_of(process / "task"))
    add(thread.path() / "ns/net");
  for (const fs::directory_entry& descriptor : entries_of(process / "fd"))
    add(descriptor.path());
}

// Of this process and those that descend from it.
void add_processes(Names& names) {
  add_network_namespaces(getpid(), names);
  const std::map<pid_t, Process> processes = all_processes();
  for (const auto& [number, process] : processes) {
    if (process.ended) continue;
    for (pid_t up = process.parent; up != 0;) {
      if (up == getpid()) {
        names.insert(fmt::format("process {} {}", number, process.name));
        add_network_namespaces(number, names);
        break;
      }
      const auto parent = processes.find(up);
      up = parent == processes.end() ? 0 : parent->second.parent;
    }
  }
}

void leave_out_what_nobody_holds(std::vector<std::string>& names) {
  if (names.empty()) return;
  const std::set<BpfObject> held = held_bpf_objects();
  std::erase_if(names, [&held](const std::string& name) {
    return name.starts_with("bpf ") &&
           std::none_of(held.begin(), held.end(),
                        [&name](const BpfObject& object) { return name.starts_with(name_of(object) + ' '); });
  });
}

}  // namespace

Result<KernelObjects> KernelObjects::snapshot() {
  KernelObjects objects;
  Names& names = objects.names_;
  for (const Status& listed :
       {add_bpf<bpf_prog_info>(BpfKind::kProgram, bpf_prog_get_next_id, bpf_prog_get_fd_by_id, names),
        add_bpf<bpf_map_info>(BpfKind::kMap, bpf_map_get_next_id, bpf_map_get_fd_by_id, names),
        add_bpf<bpf_link_info>(BpfKind::kLink, bpf_link_get_next_id, bpf_link_get_fd_by_id, names)}) {
    if (!listed) return tl::unexpected(listed.error());
  }
  add_interfaces(names);
  add_mounts(names);
  add_shared_memory(names);
  add_settings("/proc/sys/net", names);
  add_processes(names);
  return objects;
}

std::vector<std::string> KernelObjects::added_since(const KernelObjects& before) const {
  std::vector<std::string> added;
  std::set_difference(names_.begin(), names_.end(), before.names_.begin(), before.names_.end(),
                      std::back_inserter(added));
  return added;
}

Status wait_until_gone(const std::vector<std::string>& names, Nanoseconds timeout) {
  const MonotonicClock clock;
  const Nanoseconds start = clock.now();
  for (;;) {
    const Result<KernelObjects> now = KernelObjects::snapshot();
    if (!now) return tl::unexpected(now.error());
    std::vector<std::string> left;
    std::copy_if(names.begin(), names.end(), std::back_inserter(left),
                 [&now](const std::string& name) { return now->names().contains(name); });
    const Nanoseconds waited = clock.now() - start;
    if (waited >= std::min(timeout, kAskForHolders)) leave_out_what_nobody_holds(left);
    if (left.empty()) return {};
    if (waited >= timeout) return fail(fmt::format("still there: {}", fmt::join(left, ", ")), ETIMEDOUT);
    sleep_for(kLookAgain);
  }
}

}  // namespace penstock
