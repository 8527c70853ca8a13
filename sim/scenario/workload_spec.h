// [workload] of a scenario file: what the sender sends. The words of sim/workload/recipe.h as keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/config/toml_reader.h"
#include "sim/replay/senders.h"
#include "sim/workload/impairments.h"
#include "sim/workload/recipe.h"

namespace penstock {

// [[workload.stream]]: numbered datagrams to one further port, for ports that come and go.
struct StreamSpec {
  std::uint16_t port = 0;
  std::uint64_t pps = 1'000;
  std::size_t bytes = 64;  // of the payload; the first 8 are its number
  Nanoseconds from = 0;    // of the workload's time
  Nanoseconds until = 0;   // not included
};

// How what was delivered is compared with what was sent.
enum class JudgedBy : std::uint8_t {
  kDigest,    // by digests of whole payloads
  kSequence,  // by numbers in unsigned shreds: for rates (sim/workload/sequence.h)
};

struct WorkloadSpec {
  std::string profile;  // sim/workload/profiles.h
  std::uint64_t seed = 1;
  std::uint32_t slots = 1;
  std::uint16_t port = 8003;              // the TVU port, listed in the receiver
  std::vector<std::uint16_t> more_ports;  // listed too
  std::uint16_t repair_port = 0;          // listed too; 0: none
  ShredContent shreds = ShredContent::kSigned;
  std::uint64_t pps = 0;  // 0: at the profile's own times
  SenderKind sender = SenderKind::kAfPacket;
  JudgedBy judge = JudgedBy::kDigest;
  std::vector<std::string> hostile;  // names of ingredients, groups resolved
  std::uint32_t hostile_each = 1;
  std::optional<Impairments> impair;
  std::vector<StreamSpec> streams;

  // Every port that the receiver lists when it starts, the TVU port first.
  std::vector<std::uint16_t> listed_ports() const;
};

// Mistakes are noted in the document.
WorkloadSpec read_workload_spec(TomlReader table);

}  // namespace penstock
