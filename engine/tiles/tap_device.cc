// TUNSETIFF, a few settings, and the program on the clsact ingress.
#include "engine/tiles/tap_device.h"

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
#include <string_view>
#include <utility>

#include "bpf/return_path.skel.h"
#include "engine/xdp/libbpf_log.h"

namespace penstock {
namespace {

constexpr const char* kDevice = "/dev/net/tun";
constexpr const char* kCapabilities = "run as root, or grant CAP_BPF and CAP_NET_ADMIN";

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

}  // namespace

struct TapDevice::Program {
  return_path* skeleton = nullptr;

  ~Program() { return_path__destroy(skeleton); }
};

TapDevice::TapDevice(UniqueFd fd, std::string name, unsigned index)
    : fd_(std::move(fd)), name_(std::move(name)), index_(index) {}
TapDevice::TapDevice(TapDevice&&) noexcept = default;
TapDevice& TapDevice::operator=(TapDevice&&) noexcept = default;
TapDevice::~TapDevice() = default;

Result<TapDevice> TapDevice::open(unsigned original_interface) {
  const std::string what = "make the return path's TAP";
  UniqueFd fd(::open(kDevice, O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!fd) {
    return fail(what + ": open " + kDevice, errno,
                errno == ENOENT || errno == ENODEV
                    ? "load the module (`modprobe tun`), or use the kernel filter"
                    : "let the engine's user open it: udev gives it the mode 0666");
  }
  ifreq request = named("penstock%d");
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (ioctl(fd.get(), TUNSETIFF, &request) != 0) return fail(what, errno, kCapabilities);
  const std::string name = request.ifr_name;
  const unsigned index = if_nametoindex(name.c_str());
  if (index == 0) return fail(what + ": find " + name, errno);
  TapDevice tap(std::move(fd), name, index);
  if (Status s = tap.redirect_to(original_interface); !s) return fail(what, s.error());
  if (Status s = tap.configure(); !s) return fail(what, s.error());
  return tap;
}

Status TapDevice::configure() {
  without_ipv6(name_);
  control_ = UniqueFd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!control_) return fail("open a socket for " + name_, errno);
  ifreq request = named(name_);
  if (ioctl(control_.get(), SIOCGIFFLAGS, &request) != 0) return fail("read the flags of " + name_, errno);
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_NOARP);
  if (ioctl(control_.get(), SIOCSIFFLAGS, &request) != 0)
    return fail("bring " + name_ + " up", errno, kCapabilities);
  return {};
}

// Before the device is up, so that no frame ever gets past the program.
Status TapDevice::redirect_to(unsigned original_interface) {
  const LibbpfLog log;
  program_ = std::make_unique<Program>();
  program_->skeleton = return_path__open();
  if (program_->skeleton == nullptr) return fail("open the return program: " + log.text(), errno);
  program_->skeleton->rodata->original_interface = original_interface;
  if (const int error = return_path__load(program_->skeleton); error != 0)
    return fail("load the return program: " + log.text(), -error, kCapabilities);

  LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = static_cast<int>(index_), .attach_point = BPF_TC_INGRESS);
  if (const int error = bpf_tc_hook_create(&hook); error != 0)
    return fail("put clsact on " + name_ + ": " + log.text(), -error,
                "the kernel needs CONFIG_NET_SCH_INGRESS and CONFIG_NET_CLS_BPF");
  LIBBPF_OPTS(bpf_tc_opts, options,
              .prog_fd = bpf_program__fd(program_->skeleton->progs.to_original_interface));
  if (const int error = bpf_tc_attach(&hook, &options); error != 0)
    return fail("attach the return program to " + name_ + ": " + log.text(), -error, kCapabilities);
  return {};
}

bool TapDevice::usable() {
  ifreq request{};
  // Its name of today: somebody may have renamed it.
  if (ioctl(fd_.get(), TUNGETIFF, &request) != 0) return false;
  return ioctl(control_.get(), SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
}

int TapDevice::write(std::span<const std::byte> frame) {
  const ssize_t written = ::write(fd_.get(), frame.data(), frame.size());
  if (written == static_cast<ssize_t>(frame.size())) return 0;
  return written < 0 ? errno : EIO;
}

}  // namespace penstock
