// Asking the interface.
#include "engine/doctor/interface_checks.h"

#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/unique_fd.h"
#include "engine/config/receiver_plan.h"
#include "engine/receive/udp_port.h"
#include "engine/xdp/xdp_holder.h"
#include "engine/xsk/netdev.h"
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

// What the driver's XDP can do, where the kernel says.
void check_xdp(const RunConfig& config, const std::optional<XdpFeatures>& xdp, Findings& findings) {
  if (!xdp) {
    findings.push_back(
        {Level::kOk, "xdp", "this kernel does not say what the driver can do (Linux 6.3 does)"});
  } else if (xdp->native) {
    findings.push_back({Level::kOk, "xdp", "the driver runs XDP programs and redirects frames"});
  } else if (config.receiver.attach == AttachMode::kGeneric) {
    findings.push_back({Level::kOk, "xdp", "the driver has no native XDP; generic is configured"});
  } else {
    findings.push_back(
        {config.required || config.path == Path::kUserspaceFilter ? Level::kFail : Level::kWarn, "xdp",
         "the driver has no native XDP: the kernel filter runs in generic mode, slower",
         "another NIC, or a newer driver", Needed::kByAfXdp});
  }
}

// Whether the table of drivers allows zero-copy.
bool check_zero_copy(const RunConfig& config, const std::optional<XdpFeatures>& xdp, Findings& findings) {
  const std::string driver = driver_of(config.interface).value_or("unknown");
  const ZeroCopyDriver row = zero_copy_of_driver(driver);
  const bool has_none = row.has_none || (xdp && !xdp->zero_copy);
  const bool forced = config.zero_copy == ZeroCopy::kForce;
  Finding finding{Level::kOk, "zero-copy", ""};
  if (config.zero_copy == ZeroCopy::kOff) {
    finding.found = "off, as configured";
  } else if (has_none && forced) {
    finding = {Level::kFail, "zero-copy", fmt::format("forced, and the driver {} has none", driver),
               "`zero_copy = \"auto\"`", Needed::kByAfXdp};
  } else if (has_none) {
    finding.found = fmt::format("the driver {} has none", driver);
  } else if (forced) {
    finding.found = fmt::format("driver {}: forced; the table says: {}", driver, row.reason);
  } else {
    finding.level = row.allowed ? Level::kOk : Level::kWarn;
    finding.found = fmt::format("driver {}: {}: {}", driver, row.allowed ? "tried" : "not tried", row.reason);
    if (!row.allowed) finding.fix = "`zero_copy = \"force\"` tries it all the same";
  }
  findings.push_back(std::move(finding));
  return row.allowed;
}

// One of the queues that the engine would bind to and another process has.
std::optional<std::uint32_t> check_sockets(const RunConfig& config, unsigned index, std::uint32_t queues,
                                           Findings& findings) {
  const std::uint32_t used = sockets_on(config.receiver, queues);
  const std::optional<std::vector<std::uint32_t>> bound = queues_with_af_xdp(index);
  if (!bound) return std::nullopt;  // an older kernel does not say
  const auto ours =
      std::find_if(bound->begin(), bound->end(), [&](std::uint32_t queue) { return queue < used; });
  if (ours == bound->end()) {
    findings.push_back({Level::kOk, "af_xdp sockets", "none on our queues"});
    return std::nullopt;
  }
  findings.push_back({Level::kFail, "af_xdp sockets",
                      fmt::format("queue {} is held; if a running penstock holds it, all is well", *ours),
                      "stop the program that holds it; a queue takes one AF_XDP socket", Needed::kByAfXdp});
  return *ours;
}

bool check_programs(const std::string& interface, unsigned index, Findings& findings) {
  const std::vector<XdpHolder> holders = xdp_holders(index);
  if (holders.empty()) {
    findings.push_back({Level::kOk, "xdp program", "none: the slots are free"});
    return false;
  }
  findings.push_back({Level::kFail, "xdp program",
                      "a slot is taken; if a running penstock holds it, all is well",
                      foreign_program_advice(interface, holders), Needed::kByAfXdp});
  return true;
}

}  // namespace

void InterfaceState::lessen(const InterfaceState& other) {
  there = there && other.there;
  foreign_program = foreign_program || other.foreign_program;
  zero_copy_allowed = zero_copy_allowed && other.zero_copy_allowed;
  queues_suffice = queues_suffice && other.queues_suffice;
  if (other.xdp && (!xdp || xdp->native)) {
    const bool zero_copy = other.xdp->zero_copy && (!xdp || xdp->zero_copy);
    xdp = XdpFeatures{.native = other.xdp->native, .zero_copy = zero_copy};
  }
  if (!busy_queue) busy_queue = other.busy_queue;
}

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
    state.queues_suffice = false;
  } else {
    const std::uint32_t used = sockets_on(config.receiver, *queues);
    findings.push_back({used == *queues ? Level::kOk : Level::kWarn, "queues",
                        fmt::format("sockets on {} of {}{}", used, *queues,
                                    used == *queues ? "" : ": what the others receive takes the slow way"),
                        used == *queues ? "" : "`sockets = 0` takes all"});
  }
  check_link(interface, findings);
  state.xdp = xdp_features_of(index);
  check_xdp(config, state.xdp, findings);
  state.zero_copy_allowed = check_zero_copy(config, state.xdp, findings);
  state.foreign_program = check_programs(interface, index, findings);
  state.busy_queue = check_sockets(config, index, *queues, findings);
  return state;
}

std::optional<std::uint16_t> check_ports(const RunConfig& config, Findings& findings) {
  std::optional<std::uint16_t> one_held;
  const bool by_sockets = config.path && !is_af_xdp(*config.path);
  const bool external = config.receiver.companion == Companion::kExternal && !by_sockets;
  for (const std::uint16_t port : config.ports) {
    const Result<bool> held = udp_port_is_held(port);
    const std::string what = fmt::format("port {}", port);
    if (!held) {
      findings.push_back({Level::kWarn, what, held.error().message()});
      continue;
    }
    if (*held) one_held = port;
    if (external) {
      findings.push_back(
          {*held ? Level::kOk : Level::kWarn, what,
           *held ? "held by another program, as companion = \"external\" has it"
                 : "nobody holds it: what the fast path leaves is answered with port-unreachable",
           *held ? "" : "start the program that is to hold it"});
    } else if (*held && (by_sockets || config.receiver.companion == Companion::kOwn)) {
      findings.push_back({Level::kFail, what,
                          fmt::format("another program holds it; `ss -lunp 'sport = :{}'` names it", port),
                          by_sockets ? "stop that" : "stop that, or set companion = \"external\""});
    } else {
      findings.push_back({Level::kOk, what, *held ? "held by another program; not needed" : "free"});
    }
  }
  return one_held;
}

}  // namespace penstock
