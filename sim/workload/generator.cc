// Sets from the source, times from the model, frames into the workload.
#include "sim/workload/generator.h"

#include <array>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/packet/byte_order.h"
#include "engine/packet/frame_builder.h"
#include "sim/workload/frames.h"
#include "sim/workload/noise.h"
#include "sim/workload/unsigned_source.h"

namespace penstock {
namespace {

constexpr std::uint64_t kMaxJunkBytes = 1'472;
constexpr Nanoseconds kJunkWithin = 5 * kMillisecond;  // of a shred's arrival
constexpr std::size_t kSequencePayloadBytes = 18;

ArrivalConfig arrival_config(const GeneratorConfig& config) {
  const Profile& profile = config.profile;
  return {.seed = config.seed,
          .pps = profile.pps,
          .sets_per_slot = profile.sets_per_slot,
          .order = profile.order,
          .parents = profile.parents,
          .loss_ppm = profile.loss_ppm,
          .loss_bursts = profile.loss_bursts,
          .duplicate_ppm = profile.duplicate_ppm};
}

class Generator {
 public:
  explicit Generator(const GeneratorConfig& config)
      : config_(config),
        model_(arrival_config(config)),
        signatures_(config.seed, "retransmitters"),
        junk_(config.seed, "junk"),
        generated_{.workload = Workload({.profile = std::string(config.profile.name),
                                         .seed = config.seed,
                                         .link = config.link,
                                         .tvu_port = config.tvu_port})} {}

  Result<Generated> run(ShredSource& source, const GeneratorProgress& progress) {
    const std::uint32_t sets = config_.slots * config_.profile.sets_per_slot;
    if (sets == 0) return fail("generate " + generated_.workload.info().profile + ": no slots asked for");
    FecSet set;
    for (std::uint32_t i = 0; i < sets; ++i) {
      if (Status made = source.next_set(&set); !made) {
        return fail("generate " + generated_.workload.info().profile, made.error());
      }
      keep_sample(set);
      add_set(i, set);
      if (progress) progress(i + 1, sets);
    }
    const NoiseConfig noise{.seed = config_.seed,
                            .flows = config_.profile.noise,
                            .slots = config_.slots,
                            .slot_period = config_.profile.slot_period()};
    if (Status added = add_noise(noise, set, &generated_.workload); !added) {
      return fail("generate " + generated_.workload.info().profile, added.error());
    }
    generated_.workload.sort_by_time();
    generated_.arrivals = model_.counts();
    return std::move(generated_);
  }

 private:
  void keep_sample(const FecSet& set) {
    FecSet& sample = set.resigned ? generated_.samples.resigned : generated_.samples.chained;
    bool& kept = set.resigned ? kept_resigned_ : kept_chained_;
    if (!kept) sample = set;
    kept = true;
  }

  void add_set(std::uint32_t number, FecSet& set) {
    arrivals_.clear();
    model_.add_set(number, &arrivals_);
    for (const Arrival& arrival : arrivals_) {
      add_arrival(arrival, set);
      add_junk(arrival);
    }
  }

  void add_arrival(const Arrival& arrival, FecSet& set) {
    const Endpoint parent = Parents::endpoint(arrival.origin.parent);
    switch (config_.profile.content) {
      case Content::kSequence:
        add_sequence(arrival, parent);
        return;
      case Content::kPktgen:
        add_pktgen(arrival);
        return;
      case Content::kShreds:
      case Content::kGoldenShreds:
        break;
    }
    const std::span<std::byte> shred = set.member(arrival.origin.member);
    if (set.resigned && config_.profile.content != Content::kGoldenShreds) {
      signatures_.fill(shred.last(kRetransmitterSignatureBytes));
    }
    add_datagram(arrival.at, FrameKind::kShred, parent, config_.tvu_port, next_ip_id(), shred,
                 &generated_.workload, arrival.origin);
  }

  void add_sequence(const Arrival& arrival, const Endpoint& parent) {
    std::array<std::byte, kSequencePayloadBytes> payload{};
    store_le64(payload.data(), sequence_++);
    add_datagram(arrival.at, FrameKind::kJunk, parent, config_.tvu_port, next_ip_id(), payload,
                 &generated_.workload);
  }

  // Version and IHL, then zeros, and the sequence number where UDP would begin.
  void add_pktgen(const Arrival& arrival) {
    std::array<std::byte, 46> body{};
    body[0] = std::byte{0x45};
    store_le64(&body[20], sequence_++);
    EthernetHeader ethernet = link_header(config_.link);
    ethernet.ethertype = kEthertypeIpv4;
    FrameBuilder builder;
    builder.add(ethernet).payload(body);
    add_frame(arrival.at, FrameKind::kHostile, builder, &generated_.workload);
  }

  // Random bytes of random length on the TVU port, near a shred's time and from its parent.
  void add_junk(const Arrival& arrival) {
    if (!junk_.chance(config_.profile.junk_ppm)) return;
    std::array<std::byte, kMaxJunkBytes> bytes{};
    const std::span<std::byte> payload = std::span(bytes).first(junk_.between(0, kMaxJunkBytes));
    junk_.fill(payload);
    const auto later = static_cast<Nanoseconds>(junk_.between(0, kJunkWithin));
    add_datagram(arrival.at + later, FrameKind::kJunk, Parents::endpoint(arrival.origin.parent),
                 config_.tvu_port, next_ip_id(), payload, &generated_.workload);
    ++generated_.junk;
  }

  std::uint16_t next_ip_id() { return ip_id_++; }

  GeneratorConfig config_;
  ArrivalModel model_;
  Random signatures_;
  Random junk_;
  Generated generated_;
  std::vector<Arrival> arrivals_;
  std::uint64_t sequence_ = 0;
  std::uint16_t ip_id_ = 0;
  bool kept_chained_ = false;
  bool kept_resigned_ = false;
};

}  // namespace

Result<Generated> generate(const GeneratorConfig& config, ShredSource& source,
                           const GeneratorProgress& progress) {
  return Generator(config).run(source, progress);
}

Result<Generated> generate_unsigned(const GeneratorConfig& config, const GeneratorProgress& progress) {
  if (config.profile.content == Content::kGoldenShreds) {
    return fail("generate " + std::string(config.profile.name) + " without signatures", 0,
                "this profile needs the golden capture");
  }
  UnsignedSource source({.seed = config.seed, .sets_per_slot = config.profile.sets_per_slot});
  return generate(config, source, progress);
}

}  // namespace penstock
