// What the makers of hostile ingredients share: good headers to spoil, payloads that tell frames apart, and
// adding the result to the workload at the case's time. Internal to this package.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "engine/base/random.h"
#include "engine/packet/frame_builder.h"
#include "sim/workload/hostile/hostile.h"
#include "sim/workload/workload.h"

namespace penstock {

class HostileMaker {
 public:
  static constexpr std::size_t kPayloadBytes = 200;

  HostileMaker(const HostileConfig& config, const SampleSets& samples, Workload* workload)
      : config_(config), samples_(samples), workload_(workload), random_(config.seed, "hostile") {}

  // Begins a case that is sent at `at`.
  void begin(Nanoseconds at);

  Random& random() { return random_; }
  const LinkAddresses& link() const { return workload_->info().link; }
  std::uint16_t tvu_port() const { return workload_->info().tvu_port; }
  std::uint16_t repair_port() const { return config_.repair_port; }

  // Sends this case when the chained sample's set is known to the receiver: not before its first shred.
  void wait_for_sample();
  // How many cases were begun before this one.
  std::uint64_t number() const { return sequence_ - 1; }
  // A set that only the leader can make, out of the chained sample; an error is the whole run's.
  const FecSet& spoiled(SpoiledSet kind, std::uint32_t number);
  const Status& status() const { return status_; }

  // Of a good datagram to the TVU port, from a source and with an IP id of this case's own.
  EthernetHeader ethernet() const;
  Ipv4Header ip() const;
  UdpHeader udp() const;
  // A sequence number and random bytes, no shred: 0 where a shred has its variant.
  std::span<const std::byte> payload(std::size_t bytes = kPayloadBytes);

  // A copy of a sample's member to spoil; valid until the next shred().
  std::span<std::byte> shred(std::size_t member, bool resigned = false);
  std::size_t any_data() {
    return random_.below(kDataShredsInSet - 1);
  }  // not the last, which has its own rules
  std::size_t any_code() { return kDataShredsInSet + random_.below(kDataShredsInSet); }

  // All three add to the workload. add() pads to a card's shortest frame, add_as_is() does not.
  void add(FrameBuilder& builder);
  void add_as_is(std::span<const std::byte> frame);
  void add_datagram(std::span<const std::byte> payload, std::uint16_t port);
  void add_shred(std::span<const std::byte> payload) { add_datagram(payload, tvu_port()); }

  // ethernet / ip / udp / payload().
  void add_udp(const EthernetHeader& ethernet, const Ipv4Header& ip, const UdpHeader& udp,
               std::size_t padding = 0);

 private:
  const HostileConfig& config_;
  const SampleSets& samples_;
  Workload* workload_;
  Random random_;
  Nanoseconds at_ = 0;
  Status status_{};
  FecSet spoiled_{};
  std::uint64_t sequence_ = 0;
  Endpoint source_{};
  std::array<std::byte, 2'000> payload_{};
  std::array<std::byte, kCodeShredBytes> shred_{};
};

// A good datagram with one header changed, as HostileIngredient::make.
template <auto kChange>
void with_ethernet(HostileMaker& m) {
  EthernetHeader ethernet = m.ethernet();
  kChange(ethernet);
  m.add_udp(ethernet, m.ip(), m.udp());
}

template <auto kChange>
void with_ip(HostileMaker& m) {
  Ipv4Header ip = m.ip();
  kChange(ip);
  m.add_udp(m.ethernet(), ip, m.udp());
}

template <auto kChange, std::size_t kPadding = 0>
void with_udp(HostileMaker& m) {
  UdpHeader udp = m.udp();
  kChange(udp);
  m.add_udp(m.ethernet(), m.ip(), udp, kPadding);
}

// Rows of the tables.
using MakeHostile = void (*)(HostileMaker&);

// A frame whose payload is delivered, fast or slow, and then discarded: it is no shred.
inline HostileIngredient delivered(Fate fate, std::string_view name, std::string_view what, MakeHostile make,
                                   std::string_view discard = "variant") {
  return {.name = name, .what = what, .fate = fate, .discard = discard, .make = make};
}

inline HostileIngredient not_delivered(Fate fate, std::string_view name, std::string_view what,
                                       MakeHostile make, HostileNeeds needs = HostileNeeds::kNothing) {
  return {.name = name, .what = what, .fate = fate, .needs = needs, .make = make};
}

inline HostileIngredient shred(std::string_view name, std::string_view what, std::string_view discard,
                               MakeHostile make, HostileNeeds needs = HostileNeeds::kNothing) {
  return {.name = name,
          .what = what,
          .level = HostileLevel::kShred,
          .fate = Fate::kFast,
          .discard = discard,
          .needs = needs,
          .make = make};
}

// The tables that hostile.cc puts together.
std::span<const HostileIngredient> hostile_frames();
std::span<const HostileIngredient> hostile_addresses();
std::span<const HostileIngredient> hostile_shreds();

}  // namespace penstock
