// Building the policy and the port table.
#include "engine/classify/classifier.h"

#include <algorithm>
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
  if (!config.addresses.empty()) {
    policy.flags |= PENSTOCK_CHECK_ADDRESS;
    for (std::size_t i = 0; i < PENSTOCK_INLINE_ADDRESSES; ++i)
      policy.addresses[i] = config.addresses[i < config.addresses.size() ? i : 0].network();
  }
  return policy;
}

}  // namespace

Result<Classifier> Classifier::create(const ClassifierConfig& config) {
  if (config.ports.empty()) return fail("no UDP port is listed", 0, "list at least one");
  if (config.ports.size() > kMaxPorts)
    return fail(fmt::format("{} ports are listed, at most {} can be", config.ports.size(), kMaxPorts));
  if (config.addresses.size() > PENSTOCK_INLINE_ADDRESSES)
    return fail(fmt::format("{} local addresses, at most {} can be checked", config.addresses.size(),
                            PENSTOCK_INLINE_ADDRESSES));

  auto actions = std::make_shared<std::array<std::uint8_t, 65536>>();
  for (std::size_t i = 0; i < config.ports.size(); ++i) {
    const std::uint16_t port = config.ports[i];
    if (port == 0) return fail("port 0 is listed");
    if ((*actions)[port] != 0) return fail(fmt::format("port {} is listed twice", port));
    (*actions)[port] = static_cast<std::uint8_t>(i + 1);
  }

  Classifier classifier;
  classifier.ports_ = config.ports;
  classifier.policy_ = make_policy(config);
  classifier.actions_ = std::move(actions);
  return classifier;
}

}  // namespace penstock
