// Reading /proc/self/task.
#include "engine/metrics/thread_times.h"

#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "engine/base/read_file.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

// utime + stime, the 14th and the 15th field; the second is the name in parentheses, of any characters.
std::uint64_t ticks_of(const fs::path& task) {
  const std::string line = first_line_of(task / "stat");
  const std::size_t behind_name = line.rfind(')');
  if (behind_name == std::string::npos) return 0;
  std::istringstream fields(line.substr(behind_name + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field)
    fields >> skipped;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  fields >> user >> system;
  return user + system;
}

}  // namespace

std::map<std::string, std::uint64_t> thread_times_ms() {
  const auto per_second = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  std::map<std::string, std::uint64_t> times;
  std::error_code gone;  // a thread may end meanwhile
  for (auto task = fs::directory_iterator("/proc/self/task", gone); task != fs::directory_iterator();
       task.increment(gone)) {
    const std::string name = first_line_of(task->path() / "comm");
    if (!name.empty()) times[name] += ticks_of(task->path()) * 1'000 / per_second;
  }
  return times;
}

}  // namespace penstock
