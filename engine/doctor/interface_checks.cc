// Asking the interface.
#include "engine/doctor/interface_checks.h"

#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "engine/base/unique_fd.h"
#include "engine/config/receiver_plan.h"
#include "engine/receive/udp_sockets.h"
#include "engine/xdp/xdp_holder.h"
#include "engine/xsk/queue_count.h"
#include "engine/xsk/umem.h"
#include "engine/xsk/zero_copy_drivers.h"

namespace penstock {
namespace {

constexpr std::uint32_t kLinkHeaders = 14 + 4;  // Ethernet and a tag

void check_link(const std::string& interface, Findings& findings) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  if (ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) == 0) {
    findings.push_back({Level::kWarn, "link", interface + " is down: nothing arrives",
                        fmt::format("`ip link set dev {} up`", interface)});
  }
  if (ioctl(socket.get(), SIOCGIFMTU, &request) != 0) return;
  const auto mtu = static_cast<std::uint32_t>(request.ifr_mtu);
  const std::uint32_t room = usable_frame_bytes(kDefaultFrameBytes);
  if (mtu + kLinkHeaders <= room) {
    findings.push_back(
        {Level::kOk, "mtu", fmt::format("{}: every frame fits a chunk of {} bytes", mtu, room)});
  } else {
    findings.push_back(
        {Level::kWarn, "mtu",
         fmt::format("{}: frames longer than {} bytes are left to the host's stack", mtu, room),
         fmt::format("`ip link set dev {} mtu 1500`", interface)});
  }
}

bool check_driver(const std::string& interface, Findings& findings) {
  const std::string driver = driver_of(interface).value_or("");
  const ZeroCopyDriver row = zero_copy_of_driver(driver);
  findings.push_back({row.held_back() ? Level::kWarn : Level::kOk, "zero-copy",
                      fmt::format("driver {}: {}: {}", driver.empty() ? "unknown" : driver,
                                  row.allowed ? "tried" : "not tried", row.reason),
                      row.held_back() ? "`zero_copy = \"force\"` tries it all the same" : ""});
  return row.allowed;
}

bool check_programs(const std::string& interface, unsigned index, Findings& findings) {
  const std::vector<XdpHolder> holders = xdp_holders(index);
  if (holders.empty()) {
    findings.push_back({Level::kOk, "xdp program", "none: the slots are free"});
    return false;
  }
  findings.push_back({Level::kFail, "xdp program",
                      "a slot is taken; if a running penstock holds it, all is well",
                      foreign_program_advice(interface, holders)});
  return true;
}

}  // namespace

InterfaceState check_interface(const RunConfig& config, Findings& findings) {
  const std::string& interface = config.interface;
  InterfaceState state;
  const unsigned index = if_nametoindex(interface.c_str());
  const Result<std::uint32_t> queues = count_rx_queues(interface);
  if (index == 0 || !queues) {
    findings.push_back(
        {Level::kFail, "interface", "there is no " + interface, "`ip link` lists what there is"});
    return state;
  }
  state.there = true;
  state.queues = *queues;
  if (const Status fits = fits_queues(config, *queues); !fits) {
    findings.push_back({Level::kFail, "queues", fits.error().what, fits.error().fix});
  } else {
    const std::uint32_t used = config.receiver.sockets != 0 ? config.receiver.sockets : *queues;
    findings.push_back({used == *queues ? Level::kOk : Level::kWarn, "queues",
                        fmt::format("sockets on {} of {}{}", used, *queues,
                                    used == *queues ? "" : ": what the others receive takes the slow way"),
                        used == *queues ? "" : "`sockets = 0` takes all"});
  }
  check_link(interface, findings);
  state.zero_copy_allowed = check_driver(interface, findings);
  state.foreign_program = check_programs(interface, index, findings);
  return state;
}

bool check_ports(const std::vector<std::uint16_t>& ports, Companion companion, Findings& findings) {
  bool good = true;
  for (const std::uint16_t port : ports) {
    const Result<bool> held = udp_port_is_held(port);
    const std::string what = fmt::format("port {}", port);
    const std::string who = fmt::format("`ss -lunp 'sport = :{}'` names who holds it", port);
    if (!held) {
      findings.push_back({Level::kWarn, what, held.error().message()});
    } else if (companion == Companion::kExternal) {
      findings.push_back(
          {*held ? Level::kOk : Level::kWarn, what,
           *held ? "held by another program, as companion = \"external\" has it"
                 : "nobody holds it: what the fast path leaves is answered with port-unreachable",
           *held ? "" : "start the program that is to hold it"});
    } else if (*held && companion == Companion::kOwn) {
      findings.push_back({Level::kFail, what, "another program holds it; " + who,
                          "stop that, or set companion = \"external\""});
      good = false;
    } else {
      findings.push_back({Level::kOk, what, *held ? "held by another program; not needed" : "free"});
    }
  }
  return good;
}

}  // namespace penstock
