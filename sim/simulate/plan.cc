// Drawing a plan. Each part has a stream of its own, so that a change to one moves nothing in the others.
#include "sim/simulate/plan.h"

#include <errno.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace penstock {
namespace {

constexpr std::array<SimEventName, kSimEventKinds> kNames = {{
    {SimEventKind::kFrame, "frame", 0},
    {SimEventKind::kStallConsumer, "stall_consumer", 0},
    {SimEventKind::kResumeConsumer, "resume_consumer", 0},
    {SimEventKind::kStallEngine, "stall_engine", 0},
    {SimEventKind::kResumeEngine, "resume_engine", 0},
    {SimEventKind::kStallTile, "stall_tile", 0},
    {SimEventKind::kResumeTile, "resume_tile", 0},
    {SimEventKind::kLinkDown, "link_down", 0},
    {SimEventKind::kLinkUp, "link_up", 0},
    {SimEventKind::kClearSocket, "clear_socket", 1},
    {SimEventKind::kSetSocket, "set_socket", 1},
    {SimEventKind::kDetach, "detach", 0},
    {SimEventKind::kAttach, "attach", 0},
    {SimEventKind::kAddPort, "add_port", 1},
    {SimEventKind::kRemovePort, "remove_port", 1},
    {SimEventKind::kRebalance, "rebalance", 1},
    {SimEventKind::kJumpClock, "jump_clock", 1},
    {SimEventKind::kFailWake, "fail_wake", 2},
    {SimEventKind::kFailWait, "fail_wait", 2},
    {SimEventKind::kFailStatistics, "fail_statistics", 2},
    {SimEventKind::kReload, "reload", 0},
    {SimEventKind::kLoseFrames, "lose_frames", 1},
    {SimEventKind::kSetQueues, "set_queues", 1},
}};

std::uint32_t power_of_two(Random& random, int least, int most) {
  return 1u << random.between(static_cast<std::uint64_t>(least), static_cast<std::uint64_t>(most));
}

RingEngineConfig draw_ring(std::uint64_t seed) {
  Random random(seed, "ring");
  RingEngineConfig ring;
  ring.classifier = sim_classifier();
  ring.filter = random.chance(500'000) ? Filter::kKernel : Filter::kUserspace;
  ring.nic.queues = static_cast<std::uint32_t>(random.between(1, 4));
  ring.sockets = random.chance(150'000) ? static_cast<std::uint32_t>(random.between(1, ring.nic.queues))
                                        : ring.nic.queues;
  ring.rx_entries = power_of_two(random, 2, 6);
  ring.fill_frames =
      random.chance(300'000) ? static_cast<std::uint32_t>(random.between(1, 2 * ring.rx_entries)) : 0;
  // The rings' indices cross 2^32 in most runs, early or late.
  ring.first_index = 0u - static_cast<std::uint32_t>(random.below(256));
  ring.return_depth = power_of_two(random, 2, 6);
  ring.max_payload = random.chance(200'000) ? 600 : 1472;
  ring.scope = random.chance(250'000) ? PENSTOCK_SCOPE_UDP : PENSTOCK_SCOPE_ALL;
  ring.nic.device_ring = power_of_two(random, 2, 8);
  ring.nic.budget = random.chance(300'000) ? static_cast<std::uint32_t>(random.between(1, 63)) : 64;
  ring.nic.waking = random.chance(400'000) ? NicConfig::Waking::kOnEmptyFill : NicConfig::Waking::kNever;
  ring.nic.flag_delay = static_cast<Nanoseconds>(random.below(3)) * 20 * kMicrosecond;
  return ring;
}

RingTiming draw_timing(std::uint64_t seed) {
  Random random(seed, "timing");
  const auto up_to = [&random](Nanoseconds most) {
    return static_cast<Nanoseconds>(random.between(1, static_cast<std::uint64_t>(most)));
  };
  return {.interrupt = up_to(10 * kMicrosecond),
          .wake_up = up_to(60 * kMicrosecond),
          .per_poll = up_to(kMicrosecond),
          .per_frame = up_to(kMicrosecond),
          .per_return = up_to(5 * kMicrosecond),
          // Liveness is told in idle waits (ring_world.cc): none may be shorter than all the rest.
          .idle_wait = 100 * kMicrosecond + up_to(5 * kMillisecond)};
}

// Frames come in bursts: some at once, then a pause. Returns the time of the last one.
Nanoseconds draw_frames(std::uint64_t seed, std::vector<SimEvent>& events) {
  Random random(seed, "frames");
  const std::uint32_t mutants =
      random.chance(500'000) ? 0 : static_cast<std::uint32_t>(random.below(600'000));
  const std::uint32_t others = static_cast<std::uint32_t>(random.below(500'000));
  const std::uint32_t duplicates = random.chance(700'000) ? 0 : 100'000;
  const std::uint32_t damaged = random.chance(700'000) ? 0 : 50'000;
  const auto flows = random.between(1, 40);
  const auto longest_burst = random.between(1, 128);
  const auto longest_pause = random.between(1, 400) * kMicrosecond;
  const auto count = random.between(50, 500);
  Nanoseconds at = 0;
  std::uint64_t left_of_burst = 0;
  std::uint32_t mutant = 0;
  for (std::uint32_t number = 0; number < count; ++number) {
    if (left_of_burst-- == 0) {
      left_of_burst = random.below(longest_burst);
      at += static_cast<Nanoseconds>(random.below(static_cast<std::uint64_t>(longest_pause)));
    }
    at += static_cast<Nanoseconds>(random.below(500));
    SimFrame frame;
    frame.number = number;
    frame.flow = static_cast<std::uint16_t>(random.below(flows));
    frame.bytes = static_cast<std::uint16_t>(random.between(8, 1400));
    if (random.chance(mutants)) {
      frame.kind = SimFrame::Kind::kMutant;
      frame.value = mutant++;
    } else if (random.chance(others)) {
      frame.kind = SimFrame::Kind::kOther;
    } else {
      frame.value = static_cast<std::uint32_t>(random.below(std::size(kSimPorts)));
    }
    if (random.chance(damaged)) frame.flipped_bit = static_cast<std::int32_t>(random.below(60 * 8));
    if (random.chance(damaged)) frame.cut = static_cast<std::uint16_t>(random.between(14, 60));
    const int copies = random.chance(duplicates) ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy)
      events.push_back({.at = at, .kind = SimEventKind::kFrame, .frame = frame});
  }
  return at;
}

// Frames change places with later ones, within a window; the times stay in order.
void reorder(std::uint64_t seed, std::vector<SimEvent>& events) {
  Random random(seed, "reorder");
  if (!random.chance(250'000)) return;
  const std::uint64_t window = random.between(1, 32);
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::size_t other = std::min(events.size() - 1, i + random.below(window + 1));
    if (random.chance(100'000)) std::swap(events[i].frame, events[other].frame);
  }
}

// One kind of fault, and what heals it after a while, if something must.
struct Fault {
  SimEventKind breaks;
  SimEventKind heals;  // the same: nothing must
  Nanoseconds longest;
};

constexpr Fault kFaults[] = {
    {SimEventKind::kStallConsumer, SimEventKind::kResumeConsumer, 2 * kMillisecond},
    {SimEventKind::kStallEngine, SimEventKind::kResumeEngine, 150 * kMillisecond},
    {SimEventKind::kStallTile, SimEventKind::kResumeTile, 150 * kMillisecond},
    {SimEventKind::kLinkDown, SimEventKind::kLinkUp, 5 * kMillisecond},
    {SimEventKind::kClearSocket, SimEventKind::kSetSocket, 5 * kMillisecond},
    {SimEventKind::kDetach, SimEventKind::kAttach, kMillisecond},
    {SimEventKind::kRemovePort, SimEventKind::kAddPort, 2 * kMillisecond},
    {SimEventKind::kAddPort, SimEventKind::kRemovePort, 2 * kMillisecond},
    {SimEventKind::kRebalance, SimEventKind::kRebalance, 0},
    {SimEventKind::kJumpClock, SimEventKind::kJumpClock, 0},
    {SimEventKind::kFailWake, SimEventKind::kFailWake, 0},
    {SimEventKind::kFailWait, SimEventKind::kFailWait, 0},
    {SimEventKind::kFailStatistics, SimEventKind::kFailStatistics, 0},
    {SimEventKind::kReload, SimEventKind::kReload, 0},
    {SimEventKind::kLoseFrames, SimEventKind::kLoseFrames, 0},
    {SimEventKind::kSetQueues, SimEventKind::kSetQueues, 0},
};

constexpr int kErrnos[] = {EAGAIN, EBUSY, ENOBUFS, ENOMEM, EINTR, ENETDOWN};

void draw_values(Random& random, const RingEngineConfig& ring, SimEvent& event) {
  const std::uint64_t a = random.next(), b = random.next();
  switch (event.kind) {
    case SimEventKind::kClearSocket:
      event.a = static_cast<std::uint32_t>(a % ring.sockets);
      break;
    case SimEventKind::kAddPort:
    case SimEventKind::kRemovePort:
      event.a = static_cast<std::uint32_t>(a % std::size(kSimPorts));
      break;
    case SimEventKind::kRebalance:
      event.a = static_cast<std::uint32_t>(a % 4);
      break;
    case SimEventKind::kJumpClock:
      event.a = 1u << (a % 24);  // up to 8 s
      break;
    case SimEventKind::kLoseFrames:
      event.a = 1 + static_cast<std::uint32_t>(a % 16);
      break;
    case SimEventKind::kSetQueues:
      event.a = 1 + static_cast<std::uint32_t>(a % (2 * ring.nic.queues));
      break;
    case SimEventKind::kFailWake:
    case SimEventKind::kFailWait:
    case SimEventKind::kFailStatistics:
      event.a = static_cast<std::uint32_t>(kErrnos[a % std::size(kErrnos)]);
      event.b = 1 + static_cast<std::uint32_t>(b % 20);
      break;
    default:
      break;
  }
}

void draw_faults(std::uint64_t seed, const RingEngineConfig& ring, Nanoseconds end,
                 std::vector<SimEvent>& events) {
  std::uint64_t number = 0;
  for (const Fault& fault : kFaults) {
    Random random(seed, "fault", number++);
    if (!random.chance(300'000)) continue;
    const std::uint64_t times = random.between(1, 6);
    for (std::uint64_t i = 0; i < times; ++i) {
      SimEvent breaks{.at = static_cast<Nanoseconds>(random.below(static_cast<std::uint64_t>(end) + 1)),
                      .kind = fault.breaks};
      draw_values(random, ring, breaks);
      events.push_back(breaks);
      if (fault.heals == fault.breaks) continue;
      SimEvent heals = breaks;
      heals.kind = fault.heals;
      heals.at += static_cast<Nanoseconds>(random.below(static_cast<std::uint64_t>(fault.longest)));
      events.push_back(heals);
    }
  }
}

}  // namespace

std::span<const SimEventName> event_names() {
  return kNames;
}

std::string_view to_string(SimEventKind kind) {
  const SimEventName& row = kNames[static_cast<std::size_t>(kind)];
  PENSTOCK_CHECK(row.kind == kind);
  return row.name;
}

ClassifierConfig sim_classifier() {
  return {.ports = {std::begin(kSimPorts), std::end(kSimPorts)},
          .mac = MacAddress{{2, 0, 0, 0, 0, 2}},
          .addresses = {Ipv4Address{{192, 0, 2, 2}}}};
}

SimPlan draw_plan(std::uint64_t seed) {
  SimPlan plan{.seed = seed, .ring = draw_ring(seed), .timing = draw_timing(seed), .events = {}};
  const Nanoseconds end = draw_frames(seed, plan.events);
  reorder(seed, plan.events);
  draw_faults(seed, plan.ring, end, plan.events);
  std::stable_sort(plan.events.begin(), plan.events.end(),
                   [](const SimEvent& a, const SimEvent& b) { return a.at < b.at; });
  return plan;
}

}  // namespace penstock
