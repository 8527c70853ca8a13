// Reading [host].
#include "sim/scenario/host_spec.h"

namespace penstock {

HostTrafficConfig read_host_spec(TomlReader table) {
  constexpr std::int64_t kMegabyte = 1'000'000;
  constexpr std::int64_t kMostMegabytes = 1'000;
  HostTrafficConfig config;
  config.pings = static_cast<std::uint32_t>(table.integer("pings", 0, 100'000, 0));
  config.download_bytes =
      static_cast<std::uint64_t>(table.integer("download_mb", 0, kMostMegabytes, 0) * kMegabyte);
  config.upload_bytes =
      static_cast<std::uint64_t>(table.integer("upload_mb", 0, kMostMegabytes, 0) * kMegabyte);
  config.bytes_per_second =
      static_cast<std::uint64_t>(table.integer("megabytes_per_second", 0, kMostMegabytes, 0) * kMegabyte);
  config.neighbours = table.boolean("neighbours", false);
  config.sockets = table.boolean("sockets", false);
  return config;
}

}  // namespace penstock
