// pthread_setname_np, pthread_setaffinity_np, PR_SET_TIMERSLACK.
#include "engine/tiles/thread_setup.h"

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

#include <fmt/format.h>

#include "engine/confine/confinement.h"

namespace penstock {
namespace {

Status pin(const std::string& name, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (cpu < CPU_SETSIZE) CPU_SET(cpu, &set);
  const int code = pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
  if (code == 0) return {};
  return fail(fmt::format("pin {} to CPU {}", name, cpu), code,
              "`nproc` and the cgroup's cpuset say which there are");
}

}  // namespace

Status set_up_thread(const std::string& name, int cpu, bool opens_files) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  prctl(PR_SET_TIMERSLACK, 1UL);
  if (cpu >= 0) {
    if (Status s = pin(name, cpu); !s) return s;
  }
  return opens_files ? confine_helper() : confine_tile();
}

}  // namespace penstock
