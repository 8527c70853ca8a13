// Building the policy and the port table.
#include "engine/classify/classifier.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace penstock {
namespace {

penstock_policy make_policy(const ClassifierConfig& config) {
  penstock_policy policy{};
  policy.max_frame = config.max_frame;
  if (config.mac) {
    policy.flags |= PENSTOCK_CHECK_MAC;
    std::copy(config.mac->bytes.begin(), config.mac->bytes.end(), policy.mac);
  }
  if (!config.addresses.empty() || !config.ipv6_addresses.empty()) policy.flags |= PENSTOCK_CHECK_ADDRESS;
  // Without an IPv4 address the slots stay 0.0.0.0, which is no destination and no source.
  for (std::size_t i = 0; i < PENSTOCK_INLINE_ADDRESSES && !config.addresses.empty(); ++i)
    policy.addresses[i] = config.addresses[i < config.addresses.size() ? i : 0].network();
  if (config.addresses.size() > PENSTOCK_INLINE_ADDRESSES) policy.flags |= PENSTOCK_MORE_ADDRESSES;
  if (config.vlan) policy.flags |= PENSTOCK_TAKE_VLAN;
  if (config.ipv6) policy.flags |= PENSTOCK_TAKE_IPV6;
  if (config.verify_udp_checksum) policy.flags |= PENSTOCK_VERIFY_UDP_CHECKSUM;
  return policy;
}

// Sorted, each once.
std::vector<penstock_address> make_listed(const ClassifierConfig& config) {
  std::vector<penstock_address> listed;
  for (std::size_t i = PENSTOCK_INLINE_ADDRESSES; i < config.addresses.size(); ++i)
    listed.push_back({{0, 0, PENSTOCK_NET32(0xffff), config.addresses[i].network()}});
  for (const Ipv6Address& address : config.ipv6_addresses) {
    penstock_address& last = listed.emplace_back();
    std::memcpy(last.word, address.bytes.data(), sizeof(last.word));
  }
  const auto order = [](const penstock_address& a, const penstock_address& b) {
    return penstock_compare_addresses(&a, &b);
  };
  std::sort(listed.begin(), listed.end(), [&](const auto& a, const auto& b) { return order(a, b) < 0; });
  const auto same = [&](const auto& a, const auto& b) { return order(a, b) == 0; };
  listed.erase(std::unique(listed.begin(), listed.end(), same), listed.end());
  return listed;
}

}  // namespace

Result<Classifier> Classifier::create(const ClassifierConfig& config) {
  if (config.ports.empty()) return fail("no UDP port is listed", 0, "list at least one");
  if (config.ports.size() > kMaxPorts)
    return fail(fmt::format("{} ports are listed, at most {} can be", config.ports.size(), kMaxPorts));

  auto tables = std::make_shared<Tables>();
  tables->addresses = make_listed(config);
  if (tables->addresses.size() > PENSTOCK_LISTED_ADDRESSES)
    return fail(fmt::format("{} local addresses beside the first {} of IPv4, at most {} can be checked",
                            tables->addresses.size(), PENSTOCK_INLINE_ADDRESSES, PENSTOCK_LISTED_ADDRESSES));
  for (std::size_t i = 0; i < config.ports.size(); ++i) {
    const std::uint16_t port = config.ports[i];
    if (port == 0) return fail("port 0 is listed");
    if (tables->actions[port] != 0) return fail(fmt::format("port {} is listed twice", port));
    tables->actions[port] = static_cast<std::uint8_t>(i + 1);
  }

  Classifier classifier;
  classifier.ports_ = config.ports;
  classifier.policy_ = make_policy(config);
  classifier.tables_ = std::move(tables);
  return classifier;
}

}  // namespace penstock
