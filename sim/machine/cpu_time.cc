// /proc/stat, first line.
#include "sim/machine/cpu_time.h"

#include <errno.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace penstock {

Result<Nanoseconds> busy_time_of(std::string_view proc_stat, long ticks_per_second) {
  std::istringstream line{std::string(proc_stat.substr(0, proc_stat.find('\n')))};
  std::string name;
  long long user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0;
  line >> name >> user >> nice >> system >> idle >> waiting >> irq >> softirq;
  if (!line || name != "cpu") return fail("read CPU times from /proc/stat", EPROTO);
  return (user + nice + system + irq + softirq) * (kSecond / ticks_per_second);
}

Result<Nanoseconds> busy_time() {
  std::ifstream file("/proc/stat");
  std::string line;
  std::getline(file, line);
  return busy_time_of(line, sysconf(_SC_CLK_TCK));
}

}  // namespace penstock
