// Choosing ingredients by name, spreading their cases over time.
#include "sim/workload/hostile/hostile.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "engine/base/nearest_name.h"
#include "engine/packet/byte_order.h"
#include "sim/workload/arrival/parents.h"
#include "sim/workload/frames.h"
#include "sim/workload/hostile/maker.h"

namespace penstock {
namespace {

constexpr std::size_t kVariantOffset = 0x40;
constexpr std::uint64_t kParents = 750;

Result<std::vector<const HostileIngredient*>> choose(const HostileConfig& config) {
  std::vector<const HostileIngredient*> chosen;
  if (config.names.empty()) {
    for (const HostileIngredient& ingredient : hostile_ingredients()) {
      if (ingredient.needs == HostileNeeds::kNothing) chosen.push_back(&ingredient);
    }
    return chosen;
  }
  for (const std::string& name : config.names) {
    const auto all = hostile_ingredients();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const HostileIngredient& i) { return i.name == name; });
    if (found == all.end()) {
      std::vector<std::string> names;
      for (const HostileIngredient& ingredient : all)
        names.emplace_back(ingredient.name);
      return fail(fmt::format("there is no hostile ingredient '{}'; {}", name, suggest_name(name, names)));
    }
    if (found->needs == HostileNeeds::kRepairPort && config.repair_port == 0) {
      return fail(fmt::format("hostile ingredient '{}' needs a repair port", name), 0,
                  "give the workload a repair port, and list it at the receiver");
    }
    if (found->needs == HostileNeeds::kLeader && config.leader == nullptr) {
      return fail(fmt::format("hostile ingredient '{}' needs a leader", name), 0, "use signed shreds");
    }
    chosen.push_back(&*found);
  }
  return chosen;
}

}  // namespace

std::span<const HostileIngredient> hostile_ingredients() {
  static const std::vector<HostileIngredient> kAll = [] {
    std::vector<HostileIngredient> all;
    for (const auto part : {hostile_frames(), hostile_addresses(), hostile_shreds()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return kAll;
}

Status add_hostile(const HostileConfig& config, const SampleSets& samples, Workload* workload) {
  const auto chosen = choose(config);
  if (!chosen) return tl::unexpected(chosen.error());
  HostileMaker maker(config, samples, workload);
  const auto cases = static_cast<Nanoseconds>(chosen->size() * config.each);
  for (Nanoseconds i = 0; i < cases; ++i) {
    maker.begin(config.duration / cases * i);
    (*chosen)[static_cast<std::size_t>(i) % chosen->size()]->make(maker);
    if (!maker.status()) return maker.status();
  }
  workload->sort_by_time();
  return {};
}

void HostileMaker::begin(Nanoseconds at) {
  at_ = at;
  ++sequence_;
  source_ = Parents::endpoint(static_cast<std::uint16_t>(random_.below(kParents)));
}

EthernetHeader HostileMaker::ethernet() const {
  return link_header(link());
}

void HostileMaker::wait_for_sample() {
  const auto frames = workload_->frames();  // in order of time, but for what was added here
  const auto first = std::find_if(frames.begin(), frames.end(), [](const TimedFrame& frame) {
    return frame.kind == FrameKind::kShred && frame.origin.set == 0;
  });
  if (first != frames.end()) at_ = std::max(at_, first->at + kMicrosecond);
}

const FecSet& HostileMaker::spoiled(SpoiledSet kind, std::uint32_t number) {
  status_ = config_.leader->spoiled_set(kind, samples_.chained, number, &spoiled_);
  return spoiled_;
}

Ipv4Header HostileMaker::ip() const {
  return ip_header(link(), source_.address, static_cast<std::uint16_t>(sequence_));
}

UdpHeader HostileMaker::udp() const {
  return {.source_port = source_.port, .destination_port = tvu_port()};
}

std::span<const std::byte> HostileMaker::payload(std::size_t bytes) {
  const std::span<std::byte> payload = std::span(payload_).first(bytes);
  random_.fill(payload);
  if (bytes >= sizeof(sequence_)) store_le64(payload.data(), sequence_);
  if (bytes > kVariantOffset) payload[kVariantOffset] = std::byte{0};
  return payload;
}

std::span<std::byte> HostileMaker::shred(std::size_t member, bool resigned) {
  const FecSet& set = resigned ? samples_.resigned : samples_.chained;
  const std::span<const std::byte> from = set.member(member);
  std::copy(from.begin(), from.end(), shred_.begin());
  return std::span(shred_).first(from.size());
}

void HostileMaker::add(FrameBuilder& builder) {
  add_frame(at_, FrameKind::kHostile, builder, workload_);
}

void HostileMaker::add_as_is(std::span<const std::byte> frame) {
  workload_->add_copy(at_, FrameKind::kHostile, frame);
}

void HostileMaker::add_datagram(std::span<const std::byte> payload, std::uint16_t port) {
  penstock::add_datagram(at_, FrameKind::kHostile, source_, port, static_cast<std::uint16_t>(sequence_),
                         payload, workload_);
}

void HostileMaker::add_udp(const EthernetHeader& ethernet, const Ipv4Header& ip, const UdpHeader& udp,
                           std::size_t padding) {
  FrameBuilder builder;
  builder.add(ethernet).add(ip).add(udp).payload(payload()).padding(padding);
  add(builder);
}

}  // namespace penstock
