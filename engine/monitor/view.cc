// Differences over time.
#include "engine/monitor/view.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/metrics/losses.h"
#include "engine/metrics/rate_text.h"

namespace penstock {
namespace {

class Maker {
 public:
  // `before`: of the same run of the engine as `now`.
  Maker(const EngineSample& before, const EngineSample& now, Nanoseconds between)
      : before_(before), now_(now), between_(between) {}

  Rate rate(std::string name, std::uint64_t then, std::uint64_t total) const {
    return {std::move(name), per_second(total - std::min(then, total), between_), total};
  }
  Rate rate(std::string name, Counter counter, std::size_t value = 0) const {
    return rate(std::move(name), before_.counters.get(counter, value), now_.counters.get(counter, value));
  }

  std::vector<PortView> ports() const;
  std::vector<Rate> passed() const;
  std::vector<Rate> lost() const;
  std::optional<ShredView> shreds() const;
  std::vector<Rate> outlet() const;
  std::vector<HopView> hops() const;
  std::vector<QueueView> queues() const;
  std::vector<ThreadView> threads() const;

 private:
  HopView hop(std::string consumer, Counter family) const;
  static std::vector<Rate> most_first(std::vector<Rate> rates);

  const EngineSample& before_;
  const EngineSample& now_;
  Nanoseconds between_;
};

std::vector<Rate> Maker::most_first(std::vector<Rate> rates) {
  std::erase_if(rates, [](const Rate& rate) { return rate.total == 0; });
  std::stable_sort(rates.begin(), rates.end(), [](const Rate& a, const Rate& b) {
    return a.per_second != b.per_second ? a.per_second > b.per_second : a.total > b.total;
  });
  return rates;
}

std::vector<PortView> Maker::ports() const {
  std::vector<PortView> ports;
  for (std::size_t i = 0; i < now_.ports.size(); ++i) {
    const std::string name = std::to_string(now_.ports[i]);
    ports.push_back({.port = now_.ports[i],
                     .fast = rate(name, Counter::kPublished, i),
                     .slow = rate(name, Counter::kSlowWayPublished, i),
                     .bits_per_second = 8 * rate(name, Counter::kPublishedBytes, i).per_second});
  }
  return ports;
}

// By the XDP program, or handed back by the userspace filter.
std::vector<Rate> Maker::passed() const {
  std::vector<Rate> passed;
  for (std::size_t reason = 0; reason < PENSTOCK_REASON_COUNT; ++reason) {
    const auto both = [&](const CounterSnapshot& counters) {
      return counters.get(Counter::kXdpPass, reason) + counters.get(Counter::kFilterPass, reason);
    };
    passed.push_back(rate(std::string(reason_name(reason)), both(before_.counters), both(now_.counters)));
  }
  return most_first(std::move(passed));
}

std::vector<Rate> Maker::lost() const {
  const std::vector<Loss> then = losses(before_.counters);
  const std::vector<Loss> now = losses(now_.counters);
  std::vector<Rate> lost;
  for (std::size_t i = 0; i < now.size(); ++i)
    lost.push_back(rate(now[i].cause, then[i].frames, now[i].frames));
  if (now_.facts.device) {
    const DeviceCounters none;
    const DeviceCounters& old = before_.facts.device ? *before_.facts.device : none;
    lost.push_back(rate("interface dropped", old.rx_dropped, now_.facts.device->rx_dropped));
    lost.push_back(rate("interface missed", old.rx_missed, now_.facts.device->rx_missed));
  }
  return most_first(std::move(lost));
}

std::optional<ShredView> Maker::shreds() const {
  const std::string stage = now_.config("shred_stage");
  if (stage.empty() || stage == "off") return std::nullopt;
  ShredView view{
      .stage = stage,
      .consumed = rate("consumed", Counter::kShredConsumed),
      .fates = {rate("accepted", Counter::kShredAccepted), rate("duplicate", Counter::kShredDuplicate),
                rate("late", Counter::kShredLate)},
      .sets = {rate("opened", Counter::kFecSetsOpened), rate("finished", Counter::kFecSetsFinished),
               rate("failed", Counter::kFecSetsFailed), rate("dropped", Counter::kFecSetsDropped)}};
  std::vector<Rate> discarded;
  for (std::size_t i = 1; i < kRejectReasons; ++i) {
    const auto reason = static_cast<RejectReason>(i);
    discarded.push_back(
        rate("discarded: " + std::string(name_of(reason)), Counter::kShredDiscarded, reject_value(reason)));
  }
  discarded = most_first(std::move(discarded));
  view.fates.insert(view.fates.end(), discarded.begin(), discarded.end());
  return view;
}

std::vector<Rate> Maker::outlet() const {
  std::vector<Rate> rates = {
      rate("published", Counter::kOutletPublished), rate("readers came", Counter::kOutletReaders),
      rate("readers refused", Counter::kOutletRefused), rate("lost by readers", Counter::kOutletLost)};
  const bool any = std::any_of(rates.begin(), rates.end(), [](const Rate& each) { return each.total != 0; });
  return any ? rates : std::vector<Rate>();
}

HopView Maker::hop(std::string consumer, Counter family) const {
  const auto since = [&](std::size_t bucket) {
    const std::uint64_t total = now_.counters.get(family, bucket);
    return total - std::min(total, before_.counters.get(family, bucket));
  };
  const std::uint64_t samples = since(kHopBuckets - 1);
  const auto at_most = [&](std::uint64_t percent) {
    std::size_t bucket = 0;
    while (bucket + 1 < kHopBuckets && since(bucket) * 100 < samples * percent)
      ++bucket;
    return bucket + 1 < kHopBuckets ? hop_bound(bucket) : HopView::kLongerHop;
  };
  return {std::move(consumer), samples, at_most(50), at_most(99), at_most(100)};
}

std::vector<HopView> Maker::hops() const {
  std::vector<HopView> hops;
  for (const auto& [consumer, family] : {std::pair("shred", Counter::kHopShred),
                                         {"sink", Counter::kHopSink},
                                         {"outlet", Counter::kHopOutlet}}) {
    if (now_.counters.get(family, kHopBuckets - 1) != 0) hops.push_back(hop(consumer, family));
  }
  return hops;
}

std::vector<QueueView> Maker::queues() const {
  const std::vector<QueueLoad>& loads = now_.facts.receiver.queues;
  const std::vector<QueueLoad>& old = before_.facts.receiver.queues;
  const bool several = std::any_of(loads.begin(), loads.end(), [&](const QueueLoad& load) {
    return load.interface != loads.front().interface;
  });
  std::vector<QueueView> queues;
  for (const QueueLoad& load : loads) {
    const auto then = std::find_if(old.begin(), old.end(), [&](const QueueLoad& each) {
      return each.interface == load.interface && each.queue == load.queue;
    });
    const std::string name = (several ? load.interface + "/" : "") + std::to_string(load.queue);
    queues.push_back({load, rate(name, then == old.end() ? load.frames : then->frames, load.frames)});
  }
  return queues;
}

std::vector<ThreadView> Maker::threads() const {
  std::vector<ThreadView> threads;
  for (const auto& [name, ms] : now_.facts.thread_times_ms) {
    const auto then = before_.facts.thread_times_ms.find(name);
    const std::uint64_t old = then == before_.facts.thread_times_ms.end() ? ms : then->second;
    // ms of work in a second, in percent
    threads.push_back({name, (per_second(ms - std::min(old, ms), between_) + 5) / 10});
  }
  return threads;
}

}  // namespace

MonitorView make_view(const EngineSample& before, const EngineSample& now, Nanoseconds between) {
  const auto& slots = now.counters.slots;
  const bool restarted =
      before.ports != now.ports ||
      !std::equal(slots.begin(), slots.end(), before.counters.slots.begin(), std::greater_equal<>());
  const Maker maker(restarted ? now : before, now, between);
  MonitorView view{.facts = now.facts,
                   .interface = now.config("interface"),
                   .companion = now.config("companion"),
                   .device = std::nullopt,
                   .ports = maker.ports(),
                   .passed = maker.passed(),
                   .lost = maker.lost(),
                   .shreds = maker.shreds(),
                   .outlet = maker.outlet(),
                   .hops = maker.hops(),
                   .queues = maker.queues(),
                   .threads = maker.threads(),
                   .why = why_nothing(before, now),
                   .restarted = restarted};
  if (now.facts.device && before.facts.device)
    view.device =
        maker.rate("interface", restarted ? now.facts.device->rx_packets : before.facts.device->rx_packets,
                   now.facts.device->rx_packets);
  return view;
}

std::uint64_t datagrams_per_second(const MonitorView& view) {
  return std::accumulate(view.ports.begin(), view.ports.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const PortView& port) {
                           return sum + port.fast.per_second + port.slow.per_second;
                         });
}

std::uint64_t total_of(const std::vector<Rate>& rates) {
  return std::accumulate(rates.begin(), rates.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Rate& rate) { return sum + rate.total; });
}

}  // namespace penstock
