// Reading [expect].
#include "sim/scenario/expect.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/nearest_name.h"
#include "engine/metrics/counters.h"

namespace penstock {
namespace {

constexpr std::int64_t kMaxCount = std::int64_t{1} << 40;

std::optional<std::uint64_t> optional_count(TomlReader& table, const char* key) {
  const std::int64_t count = table.integer(key, 0, kMaxCount, -1);
  return count < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(count));
}

std::vector<std::string> read_names(TomlReader& table, const char* key,
                                    const std::vector<std::string>& valid) {
  std::vector<std::string> names = table.strings(key, {});
  for (const std::string& name : names) {
    if (std::find(valid.begin(), valid.end(), name) == valid.end())
      table.reject(key, fmt::format("'{}' names '{}'; {}", key, name, suggest_name(name, valid)));
  }
  return names;
}

std::vector<std::string> pass_reasons() {
  std::vector<std::string> names;
  for (std::size_t reason = 0; reason < PENSTOCK_REASON_COUNT; ++reason) {
    if (reason != PENSTOCK_TAKEN) names.emplace_back(reason_name(reason));
  }
  return names;
}

std::vector<std::string> reject_reasons() {
  std::vector<std::string> names;
  for (std::size_t reason = 0; reason < label_values(CounterLabel::kReject); ++reason)
    names.push_back(label_value(CounterLabel::kReject, reason));
  return names;
}

}  // namespace

std::vector<std::string> loss_causes() {
  std::vector<std::string> causes = {"ring_drop",      "rx_ring_full", "rx_dropped", "redirect_failed",
                                     "return_overrun", "tap_error",    "socket_drop"};
  for (std::size_t reason = 0; reason < label_values(CounterLabel::kDiscard); ++reason)
    causes.push_back(label_value(CounterLabel::kDiscard, reason));
  return causes;
}

Expect read_expect(TomlReader table) {
  Expect expect;
  expect.same_meaning = table.boolean("same_meaning", expect.same_meaning);
  expect.conservation = table.boolean("conservation", expect.conservation);
  expect.nothing_left = table.boolean("nothing_left", expect.nothing_left);
  expect.engine_loss = static_cast<std::uint64_t>(table.integer("engine_loss", 0, kMaxCount, 0));
  expect.fec_sets = optional_count(table, "fec_sets");
  expect.fec_sets_complete = optional_count(table, "fec_sets_complete");
  expect.fec_sets_incomplete = optional_count(table, "fec_sets_incomplete");
  expect.conflicts = optional_count(table, "conflicts");
  std::vector<std::string> discarded = read_names(table, "shreds_discarded", reject_reasons());
  if (table.has("shreds_discarded")) expect.shreds_discarded = std::move(discarded);
  std::vector<std::string> lost = read_names(table, "lost", loss_causes());
  if (table.has("lost")) {
    if (table.has("engine_loss")) table.reject("engine_loss", "'engine_loss' and 'lost' exclude each other");
    expect.lost = std::move(lost);
  }
  expect.passed = read_names(table, "passed", pass_reasons());
  expect.refused = table.string("refused", "");
  return expect;
}

}  // namespace penstock
