// The tables of noise, and frames from them.
#include "sim/workload/noise.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "engine/base/random.h"
#include "engine/packet/byte_order.h"
#include "engine/packet/frame_builder.h"
#include "sim/workload/frames.h"

namespace penstock {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint32_t kSlotsPerBurst = 8;
constexpr std::uint32_t kNoiseNetwork = 0xc6130000;  // 198.19.0.0
constexpr std::uint64_t kPeersPerKind = 250;
constexpr std::size_t kNonceBytes = 4;

// Rates and sizes are assumptions of this project; ports are those that Agave 4.2 binds.
constexpr std::array kMixed = {
    NoiseFlow{.kind = FrameKind::kGossip,
              .pps = 2'500,
              .size = {132, 1'232},
              .ports = {8001, 8001},
              .source_port = 8001},
    NoiseFlow{.kind = FrameKind::kQuic,
              .pps = 1'500,
              .size = {60, 400},
              .ports = {8002, 8002},
              .other_size_ppm = 300'000,
              .other_size = {1'200, 1'200},
              .burst_pps = 4'000},
    NoiseFlow{.kind = FrameKind::kVote, .pps = 500, .size = {180, 400}, .ports = {8004, 8005}},
    NoiseFlow{.kind = FrameKind::kRepairResponse, .pps = 40, .ports = {8007, 8007}, .source_port = 8008},
    NoiseFlow{.kind = FrameKind::kRepairPing,
              .pps = 2,
              .size = {132, 132},
              .ports = {8007, 8007},
              .source_port = 8008},
    NoiseFlow{.kind = FrameKind::kServeRepair,
              .pps = 200,
              .size = {160, 160},
              .ports = {8008, 8008},
              .source_port = 8007},
    NoiseFlow{.kind = FrameKind::kTcp, .pps = 300, .size = {0, 1'448}, .ports = {8899, 22}},
    NoiseFlow{.kind = FrameKind::kArp, .pps = 1},
    NoiseFlow{.kind = FrameKind::kIcmp, .pps = 5, .size = {56, 56}},
    NoiseFlow{.kind = FrameKind::kOtherPort, .pps = 20, .size = {0, 1'472}, .ports = {9999, 33'434}},
};

constexpr std::array kFirstLight = {
    NoiseFlow{.kind = FrameKind::kGossip,
              .pps = 500,
              .size = {132, 1'232},
              .ports = {8001, 8001},
              .source_port = 8001},
    NoiseFlow{.kind = FrameKind::kOtherPort, .pps = 200, .size = {0, 1'472}, .ports = {9999, 33'434}},
    NoiseFlow{.kind = FrameKind::kTcp, .pps = 200, .size = {0, 1'448}, .ports = {8899, 22}},
    NoiseFlow{.kind = FrameKind::kArp, .pps = 25},
    NoiseFlow{.kind = FrameKind::kIcmp, .pps = 50, .size = {56, 56}},
};

bool has_ports(FrameKind kind) {
  return kind != FrameKind::kArp && kind != FrameKind::kIcmp;
}

// Makes the frames of one flow.
class FlowWriter {
 public:
  FlowWriter(const NoiseFlow& flow, const NoiseConfig& config, const FecSet& sample, std::uint64_t number,
             Workload* workload)
      : flow_(flow), sample_(sample), workload_(workload), random_(config.seed, "noise", number) {}

  void add(Nanoseconds at) {
    const Endpoint peer = draw_peer();
    const std::uint16_t port = flow_.ports[random_.below(flow_.ports.size())];
    const std::span<const std::byte> payload = draw_payload();
    FrameBuilder builder;
    builder.add(link_header(workload_->info().link));
    if (flow_.kind == FrameKind::kArp) {
      add_arp(at, peer);
      return;
    }
    builder.add(ip_header(workload_->info().link, peer.address, static_cast<std::uint16_t>(sequence_)));
    if (flow_.kind == FrameKind::kTcp) {
      builder.add(TcpHeader{.source_port = peer.port,
                            .destination_port = port,
                            .sequence = static_cast<std::uint32_t>(random_.next()),
                            .acknowledgment = static_cast<std::uint32_t>(random_.next()),
                            .flags = TcpHeader::kPsh | TcpHeader::kAck});
    } else if (flow_.kind == FrameKind::kIcmp) {
      builder.add(IcmpEchoHeader{.id = static_cast<std::uint16_t>(sequence_ >> 16),
                                 .sequence = static_cast<std::uint16_t>(sequence_)});
    } else {
      builder.add(UdpHeader{.source_port = peer.port, .destination_port = port});
    }
    add_frame(at, flow_.kind, builder.payload(payload), workload_);
    ++sequence_;
  }

 private:
  Endpoint draw_peer() {
    const auto host =
        static_cast<std::uint32_t>(index_of(flow_.kind) << 8 | (1 + random_.below(kPeersPerKind)));
    const auto port = static_cast<std::uint16_t>(random_.between(32'768, 60'999));
    return {Ipv4Address::from_host(kNoiseNetwork + host), flow_.source_port != 0 ? flow_.source_port : port};
  }

  std::span<const std::byte> draw_payload() {
    if (flow_.kind == FrameKind::kRepairResponse) {
      const std::span<const std::byte> shred = sample_.member(random_.below(kShredsInSet));
      std::copy(shred.begin(), shred.end(), payload_.begin());
      random_.fill(std::span(payload_).subspan(shred.size(), kNonceBytes));
      return std::span(payload_).first(shred.size() + kNonceBytes);
    }
    const SizeRange& size = random_.chance(flow_.other_size_ppm) ? flow_.other_size : flow_.size;
    const std::span<std::byte> payload = std::span(payload_).first(random_.between(size.low, size.high));
    random_.fill(payload);
    return payload;
  }

  // Who has the receiver's address? Link-level broadcast, as the first request of a host is.
  void add_arp(Nanoseconds at, const Endpoint& peer) {
    const LinkAddresses& link = workload_->info().link;
    std::array<std::byte, 18> tail{};  // fills the frame to 60 bytes
    store_le64(tail.data(), ++sequence_);
    FrameBuilder builder;
    builder.add(EthernetHeader{.destination = {{255, 255, 255, 255, 255, 255}}, .source = link.sender_mac})
        .add(ArpHeader{
            .sender_mac = link.sender_mac, .sender_address = peer.address, .target_address = link.receiver})
        .payload(tail);
    add_frame(at, FrameKind::kArp, builder, workload_);
  }

  const NoiseFlow& flow_;
  const FecSet& sample_;
  Workload* workload_;
  Random random_;
  std::uint64_t sequence_ = 0;
  std::array<std::byte, 1'500> payload_{};
};

// Packets of a flow in [0, until), by its base rate.
std::uint64_t packets_until(std::uint64_t pps, Nanoseconds until) {
  return static_cast<std::uint64_t>(Wide{pps} * static_cast<std::uint64_t>(until) / kSecond);
}

}  // namespace

std::span<const NoiseFlow> mixed_noise() {
  return kMixed;
}
std::span<const NoiseFlow> first_light_noise() {
  return kFirstLight;
}

Status add_noise(const NoiseConfig& config, const FecSet& sample, Workload* workload) {
  Random times(config.seed, "noise times");
  for (std::size_t f = 0; f < config.flows.size(); ++f) {
    const NoiseFlow& flow = config.flows[f];
    const std::uint16_t tvu = workload->info().tvu_port;
    if (has_ports(flow.kind) && std::count(flow.ports.begin(), flow.ports.end(), tvu) != 0) {
      return fail(fmt::format("add {} noise: its port {} is the TVU port", name_of(flow.kind), tvu), 0,
                  "choose another TVU port, or leave this flow out");
    }
    FlowWriter writer(flow, config, sample, f, workload);
    for (std::uint32_t slot = 0; slot < config.slots; ++slot) {
      const Nanoseconds start = slot * config.slot_period;
      const bool burst = flow.burst_pps != 0 && slot % kSlotsPerBurst == 0;
      const std::uint64_t packets =
          burst ? packets_until(flow.burst_pps, config.slot_period)
                : packets_until(flow.pps, start + config.slot_period) - packets_until(flow.pps, start);
      for (std::uint64_t i = 0; i < packets; ++i) {
        const auto period = static_cast<std::uint64_t>(config.slot_period);
        writer.add(start + static_cast<Nanoseconds>((i * period + times.below(period)) / packets));
      }
    }
  }
  return {};
}

}  // namespace penstock
