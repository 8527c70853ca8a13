// [expect] of a scenario file: what must hold, each a check of the result.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/toml_reader.h"

namespace penstock {

struct Expect {
  bool same_meaning = true;                 // law 1: every path delivers what the kernel's UDP socket got
  bool conservation = true;                 // law 2: every account closes
  bool nothing_left = true;                 // law 4: nothing stays behind
  std::uint64_t engine_loss = 0;            // most frames that engine causes may lose, without `lost`
  std::optional<std::uint64_t> fec_sets{};  // FEC sets seen, exactly
  std::optional<std::uint64_t> fec_sets_complete{};    // of which with all 64 members
  std::optional<std::uint64_t> fec_sets_incomplete{};  // of which neither complete nor recovered
  std::optional<std::uint64_t> conflicts{};            // sets for which a second root was signed
  // On every path the shred stage discards for exactly these reasons, each at least one payload.
  std::optional<std::vector<std::string>> shreds_discarded{};
  // On every path exactly these causes lose frames, each at least one. No value: engine_loss counts.
  std::optional<std::vector<std::string>> lost{};
  std::vector<std::string> passed{};  // on every path frames pass for these reasons, at least one each
  std::string refused{};              // not empty: opening the receiver is refused, and the error says this
};

// Every cause of loss that a path's result can name (docs/result.md).
std::vector<std::string> loss_causes();

// Mistakes are noted in the document.
Expect read_expect(TomlReader table);

}  // namespace penstock
