// Two hosts with a link between them, each in a network namespace: what scenarios run over, whatever the link
// is made of (veth.h; bridge.h; sim/lab/nic_lab.h).
//
//   sender ns                        receiver ns
//   +--------------------------+     +----------------------------+
//   | 192.0.2.1/24   interface |-----| interface     192.0.2.2/24 |
//   +--------------------------+     +----------------------------+
//                                      default route via 192.0.2.1
//
// A second link beside it (LinkConfig::second) has the same MACs at its ends and no addresses, as a further
// member of a bond has: what comes by it is for the same host, and answers leave by the first.
//
// Set so that accounts close: no IPv6 (it speaks unasked), permanent neighbours both ways (no ARP), no
// reverse path filter, and a default route at the receiver, so that answers to any source leave by this link
// (the sender's stack drops what is not for it).
//
// Thread safety: const methods from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/packet/address.h"
#include "sim/topology/netns.h"
#include "sim/topology/offloads.h"

namespace penstock {

struct LinkEndConfig {
  std::string interface {};
  MacAddress mac{};
  Ipv4Address address{};
  Offloads offloads{};  // off: what is sent is what arrives, checksums included
};

struct LinkConfig {
  std::uint32_t queues =
      1;  // RX and TX, both ends: native XDP on veth wants RX queues >= the peer's TX queues
  std::uint32_t mtu = 1500;  // native XDP without multi-buffer takes up to 3,498
  std::string run = "run";   // in the alias of interfaces that are made
  std::uint8_t prefix_length = 24;
  bool second = false;  // link beside this one; a veth's only
  LinkEndConfig sender{.interface = "pen-sender", .mac = {{2, 0, 0, 0, 0, 1}}, .address = {{192, 0, 2, 1}}};
  LinkEndConfig receiver{
      .interface = "pen-receiver", .mac = {{2, 0, 0, 0, 0, 2}}, .address = {{192, 0, 2, 2}}};
  Nanoseconds carrier_timeout = 5 * kSecond;
};

class LinkedHosts {
 public:
  struct Device {
    std::string interface {};
    unsigned index = 0;
  };
  struct End {
    NetNamespace ns;
    std::string interface {};
    unsigned index = 0;
    MacAddress mac{};
    Ipv4Address address{};
    std::optional<Device> second{};  // its end of the second link

    std::vector<Device> devices() const {
      std::vector<Device> all{{interface, index}};
      if (second) all.push_back(*second);
      return all;
    }
  };
  // What lies in between, where something does (bridge.h).
  struct Bridge {
    NetNamespace ns;
    std::string to_sender{};
    std::string to_receiver{};
  };
  // Called before the namespaces go.
  using AtEnd = std::function<void(const LinkedHosts&)>;

  LinkedHosts(End sender, End receiver, AtEnd at_end = {})
      : sender_(std::move(sender)), receiver_(std::move(receiver)), at_end_(std::move(at_end)) {}
  LinkedHosts(End sender, End receiver, Bridge bridge)
      : sender_(std::move(sender)), receiver_(std::move(receiver)), bridge_(std::move(bridge)) {}
  LinkedHosts(LinkedHosts&& other) noexcept
      : sender_(std::move(other.sender_)),
        receiver_(std::move(other.receiver_)),
        bridge_(std::move(other.bridge_)),
        at_end_(std::exchange(other.at_end_, nullptr)) {}
  LinkedHosts& operator=(LinkedHosts&&) = delete;
  ~LinkedHosts() {
    if (at_end_) at_end_(*this);
  }

  const End& sender() const { return sender_; }
  const End& receiver() const { return receiver_; }
  const std::optional<Bridge>& bridge() const { return bridge_; }

 private:
  End sender_;
  End receiver_;
  std::optional<Bridge> bridge_;
  AtEnd at_end_;
};

// Before a namespace has any interface: what it would inherit, and what would make it speak by itself.
Status quieten(const NetNamespace& ns);

// The lines for `ip` that give an end its address and its only neighbour, and bring it up.
std::vector<std::string> address_lines(const LinkConfig& config, const LinkEndConfig& own,
                                       const LinkEndConfig& peer);
// And the route for all answers, at the receiver.
std::string default_route_line(const LinkConfig& config);

// Waits for the carrier and compares what the kernel made of it with what was asked: MAC, MTU, queues.
Status check_end(const LinkConfig& config, const LinkEndConfig& side, const NetNamespace& ns);

}  // namespace penstock
