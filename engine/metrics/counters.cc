// The table as data, snapshots, and Prometheus text.
#include "engine/metrics/counters.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {
namespace {

constexpr std::array<CounterInfo, kCounterCount> kTable = {{
#define X(id, name, label, unit, help) {name, CounterLabel::label, CounterUnit::unit, help},
    PENSTOCK_COUNTERS(X)
#undef X
}};

constexpr std::array<std::string_view, PENSTOCK_REASON_COUNT> kReasonNames = {{
#define X(id, name, help) name,
    PENSTOCK_REASONS(X)
#undef X
}};

constexpr std::array<std::string_view, static_cast<std::size_t>(DiscardReason::kCount)> kDiscardNames = {{
#define X(id, name, help) name,
    PENSTOCK_DISCARD_REASONS(X)
#undef X
}};

constexpr std::array<std::string_view, kRejectReasons - 1> kRejectNames = {{
#define X(id, name, help) name,
    PENSTOCK_REJECT_REASONS(X)
#undef X
}};

constexpr std::array<std::string_view, static_cast<std::size_t>(Consumer::kCount)> kConsumerNames = {{
#define X(id, name) name,
    PENSTOCK_CONSUMERS(X)
#undef X
}};

constexpr std::array<std::string_view, static_cast<std::size_t>(TileKind::kCount)> kTileNames = {{
#define X(id, name) name,
    PENSTOCK_TILES(X)
#undef X
}};

// In seconds, as Prometheus writes it.
std::string hop_bucket_name(std::size_t bucket) {
  if (bucket + 1 == kHopBuckets) return "+Inf";
  return fmt::format("{}", static_cast<double>(hop_bound(bucket)) / static_cast<double>(kSecond));
}

}  // namespace

const CounterInfo& counter_info(Counter counter) {
  return kTable[static_cast<std::size_t>(counter)];
}

std::string_view label_name(CounterLabel label) {
  switch (label) {
    case CounterLabel::kNone:
      return "";
    case CounterLabel::kReason:
      return "reason";
    case CounterLabel::kDiscard:
    case CounterLabel::kReject:
      return "reason";
    case CounterLabel::kConsumer:
      return "consumer";
    case CounterLabel::kPort:
      return "port";
    case CounterLabel::kTile:
      return "tile";
    case CounterLabel::kHop:
      return "le";  // as Prometheus wants it for histogram_quantile()
  }
  return "";
}

std::string_view reason_name(std::size_t reason) {
  PENSTOCK_CHECK(reason < kReasonNames.size());
  return kReasonNames[reason];
}

std::string label_value(CounterLabel label, std::size_t value) {
  PENSTOCK_CHECK(value < label_values(label));
  switch (label) {
    case CounterLabel::kNone:
      return {};
    case CounterLabel::kReason:
      return std::string(kReasonNames[value]);
    case CounterLabel::kDiscard:
      return std::string(kDiscardNames[value]);
    case CounterLabel::kConsumer:
      return std::string(kConsumerNames[value]);
    case CounterLabel::kPort:
      return std::to_string(value);
    case CounterLabel::kReject:
      return std::string(kRejectNames[value]);
    case CounterLabel::kTile:
      return std::string(kTileNames[value]);
    case CounterLabel::kHop:
      return hop_bucket_name(value);
  }
  return {};
}

std::uint64_t CounterSnapshot::sum(Counter counter) const {
  std::uint64_t total = 0;
  const std::size_t values = label_values(counter_info(counter).label);
  for (std::size_t value = 0; value < values; ++value)
    total += get(counter, value);
  return total;
}

CounterSnapshot CounterSnapshot::since(const CounterSnapshot& before) const {
  CounterSnapshot delta;
  std::transform(slots.begin(), slots.end(), before.slots.begin(), delta.slots.begin(),
                 [](std::uint64_t now, std::uint64_t then) {
                   PENSTOCK_CHECK(now >= then);
                   return now - then;
                 });
  return delta;
}

CounterSnapshot CounterSnapshot::traffic() const {
  CounterSnapshot copy = *this;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    if (kTable[i].unit != CounterUnit::kCalls) continue;
    const auto counter = static_cast<Counter>(i);
    const std::size_t first = counter_slot(counter);
    std::fill_n(copy.slots.begin() + static_cast<std::ptrdiff_t>(first), label_values(kTable[i].label), 0);
  }
  return copy;
}

CounterSnapshot& CounterSnapshot::operator+=(const CounterSnapshot& other) {
  for (std::size_t i = 0; i < slots.size(); ++i)
    slots[i] += other.slots[i];
  return *this;
}

CounterSnapshot Counters::snapshot() const {
  CounterSnapshot copy;
  for (std::size_t i = 0; i < kCounterSlots; ++i)
    copy.slots[i] = slots_[i].load(std::memory_order_relaxed);
  return copy;
}

void Counters::add_hop(Counter family, Nanoseconds took) {
  for (std::size_t bucket = hop_bucket_of(took); bucket < kHopBuckets; ++bucket)
    add(family, 1, bucket);
}

std::string prometheus_text(const CounterSnapshot& snapshot, std::span<const std::uint16_t> ports) {
  PENSTOCK_CHECK(ports.size() <= kMaxPorts);
  std::string text;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    const auto counter = static_cast<Counter>(i);
    const CounterInfo& info = counter_info(counter);
    fmt::format_to(std::back_inserter(text),
                   "# HELP penstock_{0}_total {1}.\n# TYPE penstock_{0}_total counter\n", info.name,
                   info.help);
    if (info.label == CounterLabel::kNone) {
      fmt::format_to(std::back_inserter(text), "penstock_{}_total {}\n", info.name, snapshot.get(counter));
      continue;
    }
    const bool by_port = info.label == CounterLabel::kPort;
    const std::size_t values = by_port ? ports.size() : label_values(info.label);
    for (std::size_t value = 0; value < values; ++value) {
      fmt::format_to(std::back_inserter(text), "penstock_{}_total{{{}=\"{}\"}} {}\n", info.name,
                     label_name(info.label),
                     by_port ? std::to_string(ports[value]) : label_value(info.label, value),
                     snapshot.get(counter, value));
    }
  }
  return text;
}

}  // namespace penstock
