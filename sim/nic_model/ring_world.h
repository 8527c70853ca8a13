// The simulated ring's time: frames come in, the NIC polls, the engine and the return tile go round, each at
// its own virtual moment, one after the other in one thread. The same input gives the same run, whatever
// the machine does meanwhile.
//
// What stands for threads and interrupts (RingTiming): the NIC polls a while after a frame has come into an
// empty ring, again and again while there is more; an engine that found nothing sleeps until a frame is
// shown or its idle wait is over; a batch takes as long as it is large. The figures are those of the
// reference machine, roughly: they make queues build up as they do there, and are no measurement.
//
// After every step of the NIC and of the engine the book of frames is read (law 3); the first violation ends
// the run.
//
// Ownership: borrows the engine. Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/receive/receiver.h"
#include "sim/nic_model/ring_engine.h"

namespace penstock {

struct RingTiming {
  Nanoseconds interrupt = 2 * kMicrosecond;  // from a frame's arrival to the NIC's poll
  Nanoseconds wake_up = 10 * kMicrosecond;   // from a shown frame to the engine that slept
  Nanoseconds per_poll = 200;                // the engine's, beside
  Nanoseconds per_frame = 30;                // for each frame of the batch
  Nanoseconds per_return = 1'800;            // the return tile's, for each frame
  Nanoseconds idle_wait = 5 * kMillisecond;  // an idle engine or tile looks so often
};

// What somebody does to the engine while traffic flows.
enum class RingEvent : std::uint8_t {
  kStallConsumer,   // the consumer keeps every frame that it is given
  kResumeConsumer,  // it gives back what it kept, and goes on
  kStallEngine,     // the engine goes round no more
  kResumeEngine,
  kStallTile,  // of the userspace filter: the return tile goes round no more
  kResumeTile,
};

struct TimedEvent {
  Nanoseconds at = 0;  // after the first frame's time 0
  RingEvent event = RingEvent::kStallConsumer;
};

class RingWorld {
 public:
  using Consume = std::function<void(const Frag& frag, std::span<const std::byte> payload)>;
  // The virtual clock at time 0. Not 0: that is "never" for the dead-man's switch.
  static constexpr Nanoseconds kStart = kSecond;

  RingWorld(RingEngine& engine, Consume consume, const RingTiming& timing = {});

  // Before each of the engine's polls: what AfXdpReceiver does there (a port's removal may be over).
  void before_each_poll(std::function<void()> hook) { before_poll_ = std::move(hook); }

  // One frame after the other, and the events, both in order of time; then until nothing moves any more.
  // What is still stalled then is resumed, so that everything that came in is taken; after that more frames
  // may follow. Errors: law 3, what the engine reported (an interface that is down is none, as in
  // tiles/net_thread.h), or a frame that the NIC still has when the engine has been idle for long (liveness).
  Status add(Nanoseconds at, std::span<const std::byte> frame);
  Status add(const TimedEvent& event);
  Status finish();

  // Runs until `at`, for whoever then changes something of the engine's surroundings by itself.
  Status pass_until(Nanoseconds at) { return run_until(kStart + at); }
  // The clock jumps forward, as it does for a virtual machine that was stopped: nobody ran meanwhile.
  void jump(Nanoseconds by) { now_ += by; }

  Nanoseconds now() const { return now_; }
  // When the engine and the return tile last went round.
  Nanoseconds engine_went_round() const { return engine_went_round_; }
  Nanoseconds tile_went_round() const { return tile_went_round_; }
  std::uint64_t offered() const { return offered_; }

 private:
  static constexpr Nanoseconds kNever = INT64_MAX;

  // Everything that is due before `until`.
  Status run_until(Nanoseconds until);
  Status step_nic();
  Status step_engine();
  void step_tile();
  Status consume(std::span<const Frag> frags);
  Status resume_consumer();
  // The NIC has to be looked at again: a frame came in, or the engine woke it.
  void schedule_nic();

  RingEngine& engine_;
  Consume consume_;
  std::function<void()> before_poll_;
  RingTiming timing_;
  EngineClock net_clock_;
  Nanoseconds now_ = kStart;
  Nanoseconds nic_at_ = kNever;
  Nanoseconds engine_at_ = kStart;
  Nanoseconds tile_at_ = kNever;
  Nanoseconds engine_went_round_ = kStart;
  Nanoseconds tile_went_round_ = kStart;
  bool engine_stalled_ = false;
  bool tile_stalled_ = false;
  bool asleep_ = false;  // the engine waits for a frame
  int idle_waits_ = 0;   // in a row, without anything
  bool consumer_stalled_ = false;
  std::vector<Frag> kept_;  // by the stalled consumer
  std::uint64_t offered_ = 0;
  std::uint32_t frames_taken_ = 0;
};

}  // namespace penstock
