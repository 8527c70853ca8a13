// The veth topology: a sender and a receiver, each in an anonymous namespace, joined by a veth pair.
//
//   sender ns                        receiver ns
//   +--------------------------+     +----------------------------+
//   | 192.0.2.1/24  pen-sender |-----| pen-receiver  192.0.2.2/24 |
//   +--------------------------+     +----------------------------+
//                                      default route via 192.0.2.1
//
// Set so that accounts close: no IPv6 (it speaks unasked), permanent neighbours both ways (no ARP), no
// reverse path filter, and a default route at the receiver, so that answers to any source leave by this link
// (the sender's stack drops what is not for it). A fresh topology has sent and received nothing.
//
// The sender's queue is the receiver's: an skb sent on TX queue n arrives on RX queue n. Offloads are off
// unless asked for: what is sent is what arrives, checksums included.
//
// Everything goes when the object goes, and when the process dies (netns.h); the kernel takes some
// milliseconds for it. Interfaces carry the alias "penstock:RUN", to be told from anyone else's.
//
// Needs root. Thread safety: const methods from any thread.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/packet/address.h"
#include "sim/topology/netns.h"
#include "sim/topology/offloads.h"

namespace penstock {

struct VethEndConfig {
  std::string interface {};
  MacAddress mac{};
  Ipv4Address address{};
  Offloads offloads{};
};

struct VethConfig {
  std::uint32_t queues = 1;  // RX and TX, both ends: native XDP wants RX queues >= the peer's TX queues
  std::uint32_t mtu = 1500;  // native XDP without multi-buffer takes up to 3,498
  std::string run = "run";   // in the alias
  std::uint8_t prefix_length = 24;
  VethEndConfig sender{.interface = "pen-sender", .mac = {{2, 0, 0, 0, 0, 1}}, .address = {{192, 0, 2, 1}}};
  VethEndConfig receiver{
      .interface = "pen-receiver", .mac = {{2, 0, 0, 0, 0, 2}}, .address = {{192, 0, 2, 2}}};
  Nanoseconds carrier_timeout = 5 * kSecond;
};

class VethTopology {
 public:
  struct End {
    NetNamespace ns;
    std::string interface {};
    unsigned index = 0;
    MacAddress mac{};
    Ipv4Address address{};
  };

  // Errors name the command that failed and what it said, or the setting that reads back differently.
  static Result<VethTopology> create(const VethConfig& config);

  const End& sender() const { return sender_; }
  const End& receiver() const { return receiver_; }

 private:
  VethTopology(End sender, End receiver) : sender_(std::move(sender)), receiver_(std::move(receiver)) {}

  End sender_;
  End receiver_;
};

}  // namespace penstock
