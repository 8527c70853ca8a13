// The leader schedule from a file. One line a slot or a range of slots, in ascending order:
//
//   # slots 385970984 to 385970987
//   385970984-385970987 FT9QgTVo375TgDAQusTgpsfXqTosCJLfrBpoVdcbnhtS
//   385970988           4rBaC4tZ4bd7fDGQpWpesBSmgqYmMzkASuZsZkbHCrBK
//
// so the output of `solana leader-schedule` is such a file. Keys are base58 of 32 bytes; blank lines and
// what follows a # are ignored. Slots that no line names have no known leader: their shreds are discarded
// under `leader`.
//
// Memory: 48 bytes a range of slots with one leader, so about 5 MB for an epoch.
//
// Thread safety: immutable but for the range that was found last: one schedule, one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/shred/leader_schedule.h"

namespace penstock {

class SlotSchedule final : public LeaderSchedule {
 public:
  std::optional<PublicKey> leader(std::uint64_t slot) const override;

  // Adds slots first to last, which must be above all that were added before.
  void add(std::uint64_t first, std::uint64_t last, const PublicKey& key);

  std::size_t ranges() const { return ranges_.size(); }
  bool operator==(const SlotSchedule& other) const { return ranges_ == other.ranges_; }

 private:
  struct Range {
    std::uint64_t first;
    std::uint64_t last;
    PublicKey key;
    bool operator==(const Range&) const = default;
  };

  std::vector<Range> ranges_;
  mutable std::size_t found_ = 0;  // slots come in long runs of one leader
};

// Errors name the line: `LINE: what`.
Result<SlotSchedule> parse_leader_schedule(std::string_view text);
// The same with the file's name in front.
Result<SlotSchedule> read_leader_schedule(const std::filesystem::path& path);

}  // namespace penstock
