// Names of the receive paths, and what not all of them can.
#include "engine/receive/receiver.h"

#include <errno.h>

#include <fmt/format.h>

namespace penstock {

std::string_view to_string(Path path) {
  switch (path) {
    case Path::kKernelFilter:
      return "kernel_filter";
    case Path::kUserspaceFilter:
      return "userspace_filter";
    case Path::kIoUring:
      return "io_uring";
    case Path::kUdp:
      return "udp";
  }
  return "";
}

Result<Path> parse_path(std::string_view name) {
  for (const Path path : {Path::kKernelFilter, Path::kUserspaceFilter, Path::kIoUring, Path::kUdp}) {
    if (name == to_string(path)) return path;
  }
  return fail(fmt::format("there is no receive path '{}'", name), 0,
              "use kernel_filter, userspace_filter, io_uring or udp");
}

tl::unexpected<Error> Receiver::no_other_ports() const {
  return fail(fmt::format("list other ports by {}", to_string(path())), ENOTSUP, "restart with them");
}

}  // namespace penstock
