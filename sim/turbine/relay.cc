// Taking, resigning, sending on.
#include "sim/turbine/relay.h"

#include <array>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/shred/parse.h"

namespace penstock {
namespace {

KeyPair relay_keys(std::uint64_t seed) {
  std::array<std::byte, 32> bytes{};
  Random(seed, "relay").fill(bytes);
  return key_pair_from_seed(bytes);
}

}  // namespace

Result<Relay> Relay::open(const RelayConfig& config) {
  PENSTOCK_CHECK(config.self < config.cluster.size());
  const Ipv4Address own = config.cluster[config.self].address;
  Result<UdpInput> input = UdpInput::open({own, config.port});
  if (!input) return tl::unexpected(input.error());
  Result<UdpOutput> output = UdpOutput::open({own, config.from_port});
  if (!output) return tl::unexpected(output.error());
  return Relay(config, std::move(*input), std::move(*output));
}

Relay::Relay(const RelayConfig& config, UdpInput input, UdpOutput output)
    : config_(config),
      input_(std::move(input)),
      output_(std::move(output)),
      tree_(config.cluster, config.leader, config.fanout),
      resigner_(relay_keys(config.seed)) {
  counts_.sent.resize(config.cluster.size());
  counts_.lost.resize(config.cluster.size());
}

Result<std::size_t> Relay::step(Nanoseconds now) {
  Result<std::size_t> received = input_.receive();
  if (!received) return received;
  for (std::size_t i = 0; i < *received; ++i) {
    if (Status sent = retransmit(input_.payload(i), now); !sent) return tl::unexpected(sent.error());
  }
  // Before the next receive() the payloads must be out.
  if (Status sent = output_.flush(); !sent) return tl::unexpected(sent.error());
  if (Status sent = send_due(now); !sent) return tl::unexpected(sent.error());
  return received;
}

Status Relay::retransmit(std::span<std::byte> payload, Nanoseconds now) {
  ++counts_.received;
  const ParsedShred parsed = parse_shred(payload);
  if (!parsed.ok()) {
    ++counts_.not_shreds;
    return {};
  }
  const std::span<const std::size_t> children = tree_.children(config_.self, parsed.header);
  if (children.empty()) return {};
  resigner_.resign(payload);
  Random random(config_.seed, "loss", shred_number(parsed.header));
  kept_.clear();
  for (const std::size_t child : children) {
    if (random.chance(config_.loss_ppm)) {
      ++counts_.lost[child];
    } else {
      kept_.push_back(child);
    }
  }
  if (config_.jitter == 0) return send(payload, kept_);
  const auto wait = static_cast<Nanoseconds>(random.below(static_cast<std::uint64_t>(config_.jitter)));
  waiting_.hold(now + wait, payload, kept_);
  return {};
}

Status Relay::send(std::span<const std::byte> payload, std::span<const std::size_t> to) {
  for (const std::size_t node : to) {
    if (Status sent = output_.send(payload, {config_.cluster[node].address, config_.port}); !sent)
      return sent;
    ++counts_.sent[node];
  }
  return {};
}

Status Relay::send_due(Nanoseconds now) {
  while (const std::optional<HeldDatagram> datagram = waiting_.take(now)) {
    Status sent = send(datagram->payload, datagram->to);
    if (sent) sent = output_.flush();  // before the copy goes
    if (!sent) return sent;
  }
  return {};
}

Result<RelayCounts> Relay::counts() const {
  const Result<std::uint64_t> dropped = input_.dropped();
  if (!dropped) return tl::unexpected(dropped.error());
  RelayCounts counts = counts_;
  counts.socket_dropped = *dropped;
  counts.resigned = resigner_.resigned();
  return counts;
}

}  // namespace penstock
