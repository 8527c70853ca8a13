// One interface in one namespace and its settings, each by a name, each as text:
//
//   "channels", "rings", "coalesce"   numbers by name, "rx=4096 tx=512"; written, those not named stay
//   "feature rx-gro"                  "on" or "off": what is asked for
//   "steer 8003"                      "queue 2" or "none": UDP over IPv4 to that port
//   "irq 45"                          "0-1": the CPUs of an interrupt, /proc/irq/45/smp_affinity_list
//   "mac", "mtu", "up", "promiscuous" "02:00:00:00:00:01", "1500", "on" or "off"
//   "address ...", "route ...", "sysctl ..."   host_settings.h
//
// What write() took, read() gives back; anything else is an error.
//
// Needs CAP_NET_ADMIN to write, CAP_SYS_ADMIN for another namespace. Thread safety: one object, one thread.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "sim/lab/interrupts.h"
#include "sim/lab/setting.h"
#include "sim/topology/ethtool.h"
#include "sim/topology/netns.h"

namespace penstock {

class Port {
 public:
  // The namespace is borrowed. The interface need not be there: then reading and writing fail with ENODEV.
  static Result<Port> open(const NetNamespace& ns, std::string interface, KernelFiles files = {});

  const std::string& interface() const { return interface_; }
  const Ethtool& device() const { return ethtool_; }
  const NetNamespace& ns() const { return ns_; }

  Result<std::string> read(const std::string& setting) const;
  Status write(const Setting& setting) const;

 private:
  Port(const NetNamespace& ns, std::string interface, KernelFiles files, Ethtool ethtool, UniqueFd socket)
      : ns_(ns),
        interface_(std::move(interface)),
        files_(std::move(files)),
        ethtool_(std::move(ethtool)),
        socket_(std::move(socket)) {}

  const NetNamespace& ns_;
  std::string interface_;
  KernelFiles files_;
  Ethtool ethtool_;
  UniqueFd socket_;
};

}  // namespace penstock
