// Lines to ranges.
#include "engine/shred/leader_file.h"

#include <algorithm>
#include <charconv>
#include <string>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/read_file.h"
#include "engine/shred/base58.h"

namespace penstock {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

bool parse_slot(std::string_view text, std::uint64_t* slot) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *slot);
  return error == std::errc{} && end == text.data() + text.size();
}

// One line without its comment; nothing when it is blank.
Status add_line(std::string_view line, std::uint64_t* above, SlotSchedule* schedule) {
  const std::size_t blank = line.find_first_of(kBlanks);
  if (blank == std::string_view::npos) return fail("a slot or FIRST-LAST, a blank, and a key are wanted");
  const std::string_view slots = line.substr(0, blank);
  const std::size_t dash = slots.find('-');
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (!parse_slot(slots.substr(0, dash), &first) ||
      !parse_slot(dash == std::string_view::npos ? slots : slots.substr(dash + 1), &last) || last < first) {
    return fail(fmt::format("'{}' is neither a slot nor a range FIRST-LAST", slots));
  }
  if (first < *above || last == ~std::uint64_t{0}) {
    return fail(fmt::format("slot {} is not above the line before", first), 0, "sort the lines by slot");
  }
  const Result<PublicKey> key = key_from_base58(trimmed(line.substr(blank)));
  if (!key) return tl::unexpected(key.error());
  schedule->add(first, last, *key);
  *above = last + 1;
  return {};
}

}  // namespace

std::optional<PublicKey> SlotSchedule::leader(std::uint64_t slot) const {
  const auto holds = [slot](const Range& range) { return range.first <= slot && slot <= range.last; };
  if (found_ < ranges_.size() && holds(ranges_[found_])) return ranges_[found_].key;
  const auto range =
      std::partition_point(ranges_.begin(), ranges_.end(), [slot](const Range& r) { return r.last < slot; });
  if (range == ranges_.end() || !holds(*range)) return std::nullopt;
  found_ = static_cast<std::size_t>(range - ranges_.begin());
  return range->key;
}

void SlotSchedule::add(std::uint64_t first, std::uint64_t last, const PublicKey& key) {
  PENSTOCK_CHECK(first <= last && (ranges_.empty() || first > ranges_.back().last));
  if (!ranges_.empty() && ranges_.back().last + 1 == first && ranges_.back().key == key) {
    ranges_.back().last = last;
  } else {
    ranges_.push_back({first, last, key});
  }
}

Result<SlotSchedule> parse_leader_schedule(std::string_view text) {
  SlotSchedule schedule;
  std::uint64_t above = 0;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, std::min(text.find('#'), end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (Status added = add_line(line, &above, &schedule); !added)
      return fail(fmt::format("{}", number), added.error());
  }
  if (schedule.ranges() == 0) return fail("no slots", 0, "a line is SLOT KEY or FIRST-LAST KEY");
  return schedule;
}

Result<SlotSchedule> read_leader_schedule(const std::filesystem::path& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return fail("leader schedule", text.error());
  Result<SlotSchedule> schedule = parse_leader_schedule(*text);
  if (!schedule) return fail("read " + path.string(), schedule.error());
  return schedule;
}

}  // namespace penstock
