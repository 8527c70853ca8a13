// /sys/class/net/INTERFACE/threaded.
#include "sim/topology/napi_thread.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>

#include <fstream>
#include <string>

namespace penstock {
namespace {

// `body` with the setting's file. It is behind the /sys of this namespace, which only a mount made in it
// shows; the mount goes with the thread that run_in() makes.
template <typename Body>
auto with_setting(const NetNamespace& ns, const std::string& interface, const Body& body) {
  using R = decltype(body(std::string()));
  return run_in(ns, [&]() -> R {
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("sysfs", "/sys", "sysfs", 0, nullptr) != 0)
      return fail("mount /sys for " + interface, errno);
    return body("/sys/class/net/" + interface + "/threaded");
  });
}

bool reads_as_threaded(const std::string& path) {
  int value = 0;
  return std::ifstream(path) >> value && value == 1;
}

}  // namespace

Status give_napi_a_thread(const NetNamespace& ns, const std::string& interface) {
  return with_setting(ns, interface, [&](const std::string& path) -> Status {
    std::ofstream(path) << "1" << std::flush;
    if (reads_as_threaded(path)) return {};
    return fail("give the NAPI of " + interface + " a thread of its own", EIO,
                "Linux 5.12 has it, for an interface with NAPI");
  });
}

Result<bool> napi_has_a_thread(const NetNamespace& ns, const std::string& interface) {
  return with_setting(ns, interface,
                      [](const std::string& path) -> Result<bool> { return reads_as_threaded(path); });
}

}  // namespace penstock
