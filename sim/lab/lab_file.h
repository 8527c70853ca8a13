// A lab file: which two ports the topology `nic` may use on this machine, and how they are to be set. The
// binding of what scenario files demand; docs/lab.md is its manual.
//
// A file says what there is, never what is to be sent: the same scenario runs over veth and over any lab.
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "sim/remote/remote_host.h"

namespace penstock {

// Datagrams to a UDP port over IPv4, steered to one RX queue (`ethtool -N IF flow-type udp4 dst-port P action
// Q`).
struct SteeringRule {
  std::uint16_t port = 0;
  std::uint32_t queue = 0;
  bool operator==(const SteeringRule&) const = default;
};

// As `ethtool -C` has them. Empty: as the port was found.
struct Coalescing {
  std::optional<bool> adaptive_rx{}, adaptive_tx{};
  std::optional<std::uint32_t> rx_us{}, rx_frames{}, tx_us{}, tx_frames{};
  bool operator==(const Coalescing&) const = default;
};

struct LabPort {
  std::string interface {};
  std::uint32_t queues = 1;         // most that a scenario may demand; a run sets what it demands
  bool may_have_addresses = false;  // it may have addresses and routes now: they are put back at the end
  std::optional<std::uint32_t> rx_ring{}, tx_ring{};  // entries; empty: as found
  Coalescing coalesce{};
  std::vector<std::string> features_on{}, features_off{};  // by the kernel's names (`ethtool -k` has some)
  std::vector<std::uint32_t> irq_cpus{};  // its interrupts go to these in turn; empty: as found
  std::vector<SteeringRule> steer{};
};

struct Lab {
  std::string name;
  std::string description;
  std::filesystem::path journal;  // what must be undone (journal.h)
  Nanoseconds carrier_timeout = 10 * kSecond;
  LabPort sender;  // with `remote`: its interface alone, on that host
  LabPort receiver;
  std::optional<RemoteHost> remote{};
};

// Errors: everything that is wrong with the file, one a line, as file:line:column.
Result<Lab> read_lab(const std::filesystem::path& path);

// Every key that a lab file may have, as "receiver.rings.rx": what docs/lab.md must list.
std::vector<std::string> lab_keys();

}  // namespace penstock
