// TUNSETIFF, the program on the clsact ingress, a few settings.
#include "engine/tiles/tap_maker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "bpf/return_path.skel.h"
#include "engine/xdp/libbpf_log.h"

namespace penstock {
namespace {

constexpr const char* kDevice = "/dev/net/tun";
constexpr const char* kCapabilities = "run as root, or grant CAP_BPF and CAP_NET_ADMIN";

// The TAP's qdisc holds the program, which needs its object no longer once it is attached.
struct DestroySkeleton {
  void operator()(return_path* skeleton) const { return_path__destroy(skeleton); }
};

ifreq named(const std::string& name) {
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  return request;
}

// Before the interface comes up, or the kernel sends router solicitations through it. Where IPv6 is not
// there, or /proc/sys is read-only, there is nothing to be done about it, and little harm.
void without_ipv6(const std::string& name) {
  const UniqueFd file(
      ::open(("/proc/sys/net/ipv6/conf/" + name + "/disable_ipv6").c_str(), O_WRONLY | O_CLOEXEC));
  if (file) static_cast<void>(::write(file.get(), "1", 1) == 1);
}

Status bring_up(const std::string& name) {
  const UniqueFd control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!control) return fail("open a socket for " + name, errno);
  ifreq request = named(name);
  if (ioctl(control.get(), SIOCGIFFLAGS, &request) != 0) return fail("read the flags of " + name, errno);
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_NOARP);
  if (ioctl(control.get(), SIOCSIFFLAGS, &request) != 0)
    return fail("bring " + name + " up", errno, kCapabilities);
  return {};
}

// Before the device is up, so that no frame ever gets past the program.
Status redirect(const TapHandle& tap, unsigned original_interface) {
  const LibbpfLog log;
  const std::unique_ptr<return_path, DestroySkeleton> skeleton(return_path__open());
  if (skeleton == nullptr) return fail("open the return program: " + log.text(), errno);
  skeleton->rodata->original_interface = original_interface;
  if (const int error = return_path__load(skeleton.get()); error != 0)
    return fail("load the return program: " + log.text(), -error, kCapabilities);

  LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = static_cast<int>(tap.index), .attach_point = BPF_TC_INGRESS);
  if (const int error = bpf_tc_hook_create(&hook); error != 0)
    return fail("put clsact on " + tap.name + ": " + log.text(), -error,
                "the kernel needs CONFIG_NET_SCH_INGRESS and CONFIG_NET_CLS_BPF");
  LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = bpf_program__fd(skeleton->progs.to_original_interface));
  if (const int error = bpf_tc_attach(&hook, &options); error != 0)
    return fail("attach the return program to " + tap.name + ": " + log.text(), -error, kCapabilities);
  return {};
}

}  // namespace

Result<TapHandle> make_tap(unsigned original_interface) {
  const std::string what = "make the return path's TAP";
  TapHandle tap{.fd = UniqueFd(::open(kDevice, O_RDWR | O_CLOEXEC | O_NONBLOCK))};
  if (!tap.fd) {
    return fail(what + ": open " + kDevice, errno,
                errno == ENOENT || errno == ENODEV
                    ? "load the module (`modprobe tun`), or use the kernel filter"
                    : "let the engine's user open it: udev gives it the mode 0666");
  }
  ifreq request = named("penstock%d");
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (ioctl(tap.fd.get(), TUNSETIFF, &request) != 0) return fail(what, errno, kCapabilities);
  tap.name = request.ifr_name;
  tap.index = if_nametoindex(tap.name.c_str());
  if (tap.index == 0) return fail(what + ": find " + tap.name, errno);
  if (Status s = redirect(tap, original_interface); !s) return fail(what, s.error());
  without_ipv6(tap.name);
  if (Status s = bring_up(tap.name); !s) return fail(what, s.error());
  return tap;
}

}  // namespace penstock
