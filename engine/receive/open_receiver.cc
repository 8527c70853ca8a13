// The ladder.
#include "engine/receive/open_receiver.h"

#include <errno.h>

#include <utility>

#include <fmt/format.h>

namespace penstock {
namespace {

bool is_userspace_in_generic_mode(const AfXdpConfig& config) {
  return config.filter == Filter::kUserspace && config.attach_mode == AttachMode::kGeneric;
}

std::string name_of(const AfXdpConfig& config) {
  return fmt::format(
      "{} in {} mode",
      to_string(config.filter == Filter::kKernel ? Path::kKernelFilter : Path::kUserspaceFilter),
      to_string(config.attach_mode));
}

}  // namespace

Result<OpenedReceiver> open_receiver(const AfXdpConfig& config, bool required) {
  OpenedReceiver opened;
  AfXdpConfig wanted = config;
  for (;;) {
    Result<std::unique_ptr<AfXdpReceiver>> receiver = AfXdpReceiver::open(wanted);
    if (receiver) {
      opened.receiver = std::move(*receiver);
      return opened;
    }
    const bool no_native_xdp =
        wanted.attach_mode == AttachMode::kNative && receiver.error().code == EOPNOTSUPP;
    if (!no_native_xdp && !is_userspace_in_generic_mode(wanted)) return tl::unexpected(receiver.error());
    if (required) return fail(name_of(wanted) + " is required", std::move(receiver.error()));
    opened.steps_down.push_back(name_of(wanted) + ": " + receiver.error().message());
    wanted.filter = Filter::kKernel;
    wanted.attach_mode = AttachMode::kGeneric;
  }
}

}  // namespace penstock
