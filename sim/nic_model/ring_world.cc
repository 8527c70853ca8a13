// The loop of the simulated ring: always what is due first.
#include "sim/nic_model/ring_world.h"

#include <errno.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace penstock {
namespace {

// Idle waits in a row, in finish(): so many mean that nothing moves any more, and so many that a frame in
// the NIC has been forgotten (a queue that stopped goes on after one).
constexpr int kQuietWaits = 2;
constexpr int kStuckWaits = 10;

}  // namespace

RingWorld::RingWorld(RingEngine& engine, Consume consume, const RingTiming& timing)
    : engine_(engine),
      consume_(std::move(consume)),
      timing_(timing),
      net_clock_(engine.program().net_clock()),
      frames_taken_(engine.frames_taken()) {
  net_clock_.beat(now_);
  if (engine_.tile() != nullptr) tile_at_ = kStart;
}

Status RingWorld::add(Nanoseconds at, std::span<const std::byte> frame) {
  if (Status s = run_until(kStart + at); !s) return s;
  ++offered_;
  engine_.nic().arrive(frame);
  schedule_nic();
  idle_waits_ = 0;
  return {};
}

Status RingWorld::add(const TimedEvent& event) {
  if (Status s = run_until(kStart + event.at); !s) return s;
  idle_waits_ = 0;
  switch (event.event) {
    case RingEvent::kStallConsumer:
      consumer_stalled_ = true;
      return {};
    case RingEvent::kResumeConsumer:
      return resume_consumer();
    case RingEvent::kStallEngine:
      engine_stalled_ = true;
      return {};
    case RingEvent::kResumeEngine:
      engine_stalled_ = false;
      engine_at_ = now_;
      return {};
    case RingEvent::kStallTile:
      tile_stalled_ = true;
      return {};
    case RingEvent::kResumeTile:
      tile_stalled_ = false;
      if (engine_.tile() != nullptr) tile_at_ = now_;
      return {};
  }
  return {};
}

Status RingWorld::finish() {
  // What a stalled part leaves behind stands still sooner than this.
  if (Status s = run_until(now_ + 4 * timing_.idle_wait); !s) return s;
  if (engine_stalled_) {
    if (Status s = add(TimedEvent{now_ - kStart, RingEvent::kResumeEngine}); !s) return s;
  }
  if (tile_stalled_) {
    if (Status s = add(TimedEvent{now_ - kStart, RingEvent::kResumeTile}); !s) return s;
  }
  if (Status s = resume_consumer(); !s) return s;
  idle_waits_ = 0;
  while (idle_waits_ < kQuietWaits || engine_.nic().pending() != 0) {
    if (idle_waits_ > kStuckWaits)
      return fail(
          fmt::format("liveness: the engine has been idle for {} waits, and the NIC still has {} frames",
                      idle_waits_, engine_.nic().pending()));
    if (Status s = run_until(now_ + timing_.idle_wait); !s) return s;
  }
  return {};
}

void RingWorld::schedule_nic() {
  const Nanoseconds next = engine_.nic().next_event(now_);
  if (next != NicModel::kNothingToDo) nic_at_ = std::min(nic_at_, std::max(next, now_ + timing_.interrupt));
}

Status RingWorld::run_until(Nanoseconds until) {
  for (;;) {
    const Nanoseconds engine_at = engine_stalled_ ? kNever : engine_at_;
    const Nanoseconds tile_at = tile_stalled_ ? kNever : tile_at_;
    const Nanoseconds next = std::min({nic_at_, engine_at, tile_at});
    if (next >= until) break;
    now_ = std::max(now_, next);
    if (next == nic_at_) {
      if (Status s = step_nic(); !s) return s;
    } else if (next == engine_at) {
      if (Status s = step_engine(); !s) return s;
    } else {
      step_tile();
    }
  }
  now_ = std::max(now_, until);
  return {};
}

Status RingWorld::step_nic() {
  engine_.nic().poll(now_);
  if (Status s = engine_.book().after_kernel(); !s) return fail("law 3, after the kernel's step", s.error());
  nic_at_ = kNever;
  schedule_nic();
  if (asleep_ && engine_.readable()) engine_at_ = std::min(engine_at_, now_ + timing_.wake_up);
  return {};
}

Status RingWorld::step_engine() {
  if (asleep_) {
    if (!engine_.readable()) ++idle_waits_;
    if (Status s = engine_.receive().wait(timing_.idle_wait); !s && s.error().code != ENETDOWN) return s;
  }
  engine_went_round_ = now_;
  net_clock_.beat(now_);
  if (before_poll_) before_poll_();
  const std::span<const Frag> frags = engine_.receive().poll();
  if (Status s = engine_.book().after_poll(frags); !s) return fail("law 3, after poll()", s.error());
  if (Status s = consume(frags); !s) return s;

  const std::uint32_t taken = engine_.frames_taken();
  const Nanoseconds batch = taken - std::exchange(frames_taken_, taken);
  if (batch != 0) idle_waits_ = 0;
  asleep_ = frags.empty() && !engine_.readable();
  engine_at_ = now_ + (asleep_ ? timing_.idle_wait : timing_.per_poll + batch * timing_.per_frame);
  if (engine_.tile() != nullptr && batch != 0) tile_at_ = std::min(tile_at_, now_ + timing_.wake_up);
  schedule_nic();
  return {};
}

Status RingWorld::consume(std::span<const Frag> frags) {
  for (const Frag& frag : frags)
    consume_(frag, engine_.payload(frag));
  if (consumer_stalled_) {
    kept_.insert(kept_.end(), frags.begin(), frags.end());
    return {};
  }
  engine_.receive().give_back(frags);
  if (Status s = engine_.book().after_give_back(frags); !s)
    return fail("law 3, after give_back()", s.error());
  return {};
}

Status RingWorld::resume_consumer() {
  consumer_stalled_ = false;
  const std::vector<Frag> kept = std::exchange(kept_, {});
  engine_.receive().give_back(kept);
  if (Status s = engine_.book().after_give_back(kept); !s) return fail("law 3, after give_back()", s.error());
  schedule_nic();
  return {};
}

void RingWorld::step_tile() {
  tile_went_round_ = now_;
  const std::size_t done = engine_.tile()->step(now_);
  if (done != 0) idle_waits_ = 0;
  tile_at_ = now_ + (done != 0 ? static_cast<Nanoseconds>(done) * timing_.per_return : timing_.idle_wait);
}

}  // namespace penstock
