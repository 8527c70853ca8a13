// The hosts of a Turbine cluster, the leader left out, as a file that every host reads: one line each,
//
//   NAME ADDRESS STAKE       # IPv4; stake in any unit, 0 for a node that only listens
//
// with empty lines and comments behind '#' allowed. All listen on one UDP port.
//
// Thread safety: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/packet/address.h"

namespace penstock {

struct ClusterNode {
  std::string name;
  Ipv4Address address{};
  std::uint64_t stake = 0;

  bool operator==(const ClusterNode&) const = default;
};

using Cluster = std::vector<ClusterNode>;

inline constexpr std::size_t kMaxClusterNodes = 1024;
// So that the sum of a whole cluster's stakes fits in 64 bits.
inline constexpr std::uint64_t kMaxStake = std::uint64_t{1} << 53;

// `name` of the file, for messages; they say the line. Errors: a line that is not three words, an address or
// a stake that is none, a name or an address that comes twice, no node at all, more than kMaxClusterNodes.
Result<Cluster> parse_cluster(std::string_view text, const std::string& name);
Result<Cluster> read_cluster(const std::filesystem::path& file);

// The node of that name.
Result<std::size_t> find_node(const Cluster& cluster, std::string_view name);

}  // namespace penstock
