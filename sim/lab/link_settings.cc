// SIOC[GS]IF*.
#include "sim/lab/link_settings.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>

#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/packet/address.h"

namespace penstock {
namespace {

struct Kind {
  std::string_view setting;
  unsigned long get, set;  // the requests
  short flag;              // of SIOCSIFFLAGS; 0: none
};

constexpr Kind kKinds[] = {
    {"mac", SIOCGIFHWADDR, SIOCSIFHWADDR, 0},
    {"mtu", SIOCGIFMTU, SIOCSIFMTU, 0},
    {"up", SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP},
    {"promiscuous", SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_PROMISC},
};

const Kind& kind_of(std::string_view setting) {
  for (const Kind& kind : kKinds) {
    if (kind.setting == setting) return kind;
  }
  PENSTOCK_CHECK(false);
  return kKinds[0];
}

ifreq request_for(const std::string& interface) {
  ifreq request{};
  interface.copy(request.ifr_name, sizeof(request.ifr_name) - 1);
  return request;
}

std::string text_of(const Kind& kind, const ifreq& request) {
  if (kind.flag != 0) return (request.ifr_flags & kind.flag) != 0 ? "on" : "off";
  if (kind.get == SIOCGIFMTU) return std::to_string(request.ifr_mtu);
  MacAddress mac;
  std::memcpy(mac.bytes.data(), request.ifr_hwaddr.sa_data, mac.bytes.size());
  return mac.to_string();
}

Status put(const Kind& kind, const std::string& value, ifreq& request) {
  if (kind.flag != 0) {
    if (value != "on" && value != "off") return fail(fmt::format("'{}' is neither on nor off", value));
    const int flags = value == "on" ? request.ifr_flags | kind.flag : request.ifr_flags & ~kind.flag;
    request.ifr_flags = static_cast<short>(flags);
    return {};
  }
  if (kind.get == SIOCGIFMTU) {
    const char* const end = value.data() + value.size();
    if (std::from_chars(value.data(), end, request.ifr_mtu).ptr != end)
      return fail(fmt::format("'{}' is no number", value));
    return {};
  }
  const auto mac = MacAddress::parse(value);
  if (!mac) return fail(fmt::format("'{}' is no MAC", value));
  request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  std::memcpy(request.ifr_hwaddr.sa_data, mac->bytes.data(), mac->bytes.size());
  return {};
}

}  // namespace

Result<std::string> read_link_setting(int socket, const std::string& interface, std::string_view setting) {
  const Kind& kind = kind_of(setting);
  ifreq request = request_for(interface);
  if (ioctl(socket, kind.get, &request) < 0)
    return fail(fmt::format("read {} of {}", setting, interface), errno);
  return text_of(kind, request);
}

Status write_link_setting(int socket, const std::string& interface, std::string_view setting,
                          const std::string& value) {
  const Kind& kind = kind_of(setting);
  const std::string what = fmt::format("set {} of {} to {}", setting, interface, value);
  ifreq request = request_for(interface);
  if (ioctl(socket, kind.get, &request) < 0) return fail(what, errno);
  if (const Status read = put(kind, value, request); !read) return fail(what, read.error());
  if (ioctl(socket, kind.set, &request) < 0) return fail(what, errno);
  const Result<std::string> now = read_link_setting(socket, interface, setting);
  if (!now) return tl::unexpected(now.error());
  if (*now != value) return fail(fmt::format("{}: it reads {} afterwards", what, *now));
  return {};
}

}  // namespace penstock
