// The classifier of bpf/classify.h, configured: ports, addresses and MAC as one immutable value that
// both filters are made from. The userspace filter calls classify(); the kernel filter loads
// policy() and ports() into the XDP program's memory and maps (engine/xdp).
//
// Thread safety: immutable after create(); share it freely.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "bpf/classify.h"
#include "engine/base/result.h"
#include "engine/metrics/counters.h"
#include "engine/packet/address.h"

namespace penstock {

// Where the classifier runs, and so which XDP program is attached.
enum class Filter : std::uint8_t {
  kKernel,     // filter_by_port: what is ours is redirected, all else passes
  kUserspace,  // take_all: every frame is redirected, the engine filters
};

struct ClassifierConfig {
  std::vector<std::uint16_t> ports{};  // host order; 1 to kMaxPorts different ones, none of them 0
  std::optional<MacAddress> mac{};     // the interface's own; without it the destination MAC is not checked
  // This host's addresses; when there is none of either kind, addresses are not checked. The first
  // PENSTOCK_INLINE_ADDRESSES of IPv4 cost nothing; further ones and those of IPv6 are looked up in a
  // hash map, at most PENSTOCK_LISTED_ADDRESSES.
  std::vector<Ipv4Address> addresses{};
  std::vector<Ipv6Address> ipv6_addresses{};  // of link-local ones only the interface's own
  std::uint32_t max_frame = 1792;             // longest frame that fits a chunk: usable_frame_bytes(2048)
  bool vlan = false;                          // look through priority tags
  bool ipv6 = false;                          // take plain IPv6/UDP
  bool verify_udp_checksum = false;           // pass what has a bad one
};

struct Verdict {
  penstock_reason reason;
  penstock_payload payload;  // zeros unless taken

  bool taken() const { return reason == PENSTOCK_TAKEN; }
};

class Classifier {
 public:
  // Errors: no port, port 0, a port twice, too many ports or addresses, each named.
  static Result<Classifier> create(const ClassifierConfig& config);

  Verdict classify(std::span<const std::byte> frame) const {
    Verdict verdict;
    const penstock_tables tables = tables_->view();
    verdict.reason =
        penstock_classify(frame.data(), frame.data() + frame.size(), &policy_, &tables, &verdict.payload);
    return verdict;
  }

  // Position of a listed port in ports() plus one; 0 for a port that is not listed.
  std::uint8_t action(std::uint16_t port) const { return tables_->actions[port]; }

  const std::vector<std::uint16_t>& ports() const { return ports_; }
  const penstock_policy& policy() const { return policy_; }
  // The addresses that do not stand in the policy, sorted: what the program's hash map holds.
  std::span<const penstock_address> listed_addresses() const { return tables_->addresses; }

 private:
  struct Tables {
    std::array<std::uint8_t, 65536> actions{};
    std::vector<penstock_address> addresses;

    penstock_tables view() const {
      return {actions.data(), addresses.data(), static_cast<__u32>(addresses.size())};
    }
  };

  Classifier() = default;

  std::vector<std::uint16_t> ports_;
  penstock_policy policy_{};
  std::shared_ptr<const Tables> tables_;
};

}  // namespace penstock
