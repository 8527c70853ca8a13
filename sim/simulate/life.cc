// Opening, events, healing, probes.
#include "sim/simulate/life.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "sim/nic_model/ring_accounts.h"

namespace penstock {
namespace {

// The dead-man's switch of take_all, as docs/architecture.md states it.
constexpr Nanoseconds kStalled = 100 * kMillisecond;

Classifier classifier_for(const PortList& ports) {
  ClassifierConfig config = sim_classifier();
  config.ports = ports.ports();
  Result<Classifier> classifier = Classifier::create(config);
  PENSTOCK_CHECK(classifier.has_value());
  return std::move(*classifier);
}

PortList ports_at_start() {
  Result<PortList> ports = PortList::create(std::span(kSimPorts).first(kPortsAtStart));
  PENSTOCK_CHECK(ports.has_value());
  return *ports;
}

std::optional<RingEvent> ring_event(SimEventKind kind) {
  switch (kind) {
    case SimEventKind::kStallConsumer:
      return RingEvent::kStallConsumer;
    case SimEventKind::kResumeConsumer:
      return RingEvent::kResumeConsumer;
    case SimEventKind::kStallEngine:
      return RingEvent::kStallEngine;
    case SimEventKind::kResumeEngine:
      return RingEvent::kResumeEngine;
    case SimEventKind::kStallTile:
      return RingEvent::kStallTile;
    case SimEventKind::kResumeTile:
      return RingEvent::kResumeTile;
    default:
      return std::nullopt;
  }
}

}  // namespace

SimLife::SimLife(const SimPlan& plan, SimDigest& digest)
    : plan_(plan),
      digest_(digest),
      judge_(plan.ring.filter, plan.ring.scope, kMostSimQueues, plan.ring.max_payload),
      engine_ports_(ports_at_start()),
      kernel_ports_(engine_ports_) {}

Result<std::unique_ptr<SimLife>> SimLife::begin(const SimPlan& plan, Nanoseconds epoch, SimDigest& digest) {
  std::unique_ptr<SimLife> life(new SimLife(plan, digest));
  life->epoch_ = epoch;
  RingEngineConfig config = plan.ring;
  config.classifier.ports = life->kernel_ports_.ports();
  Result<std::unique_ptr<RingEngine>> engine = RingEngine::open(
      config,
      [self = life.get()](std::span<const std::byte> frame) {
        self->digest_.add(frame.size());
        self->note(self->judge_.passed(frame, self->excuse()));
      },
      [self = life.get()](std::span<const std::byte> frame) {
        self->digest_.add(frame.size() << 1);
        self->note(self->judge_.returned(frame));
      });
  if (!engine) return tl::unexpected(engine.error());
  life->engine_ = std::move(*engine);
  for (std::uint32_t queue = 0; queue < plan.ring.nic.queues; ++queue)
    life->sockets_.push_back(life->engine_->program().socket(queue));
  life->world_ = std::make_unique<RingWorld>(
      *life->engine_,
      [self = life.get()](const Frag& frag, std::span<const std::byte> payload) {
        self->digest_.add(std::uint64_t{frag.frame} << 32 | std::uint64_t{frag.length} << 8 | frag.queue);
        self->note(self->judge_.delivered(frag, payload));
      },
      plan.timing);
  life->world_->before_each_poll([self = life.get()] { self->end_removal_if_drained(); });
  life->tell_judge_the_ports();
  return life;
}

Status SimLife::live(SimFrames& frames, std::size_t* next) {
  while (*next < plan_.events.size()) {
    const SimEvent& event = plan_.events[(*next)++];
    Status done;
    if (event.kind == SimEventKind::kReload) {
      return world_->pass_until(event.at - epoch_);
    } else if (event.kind == SimEventKind::kFrame) {
      done = arrive(event.at, frames.bytes_of(event.frame));
    } else if (const std::optional<RingEvent> ring = ring_event(event.kind)) {
      done = world_->add(TimedEvent{event.at - epoch_, *ring});
    } else {
      done = world_->pass_until(event.at - epoch_);
      if (done) apply(event);
    }
    digest_.add(static_cast<std::uint64_t>(world_->now()));
    if (!done) return done;
    if (!wrong_.empty()) return fail(wrong_);
    if (const std::string open = open_accounts_on_the_way(*engine_, world_->offered()); !open.empty())
      return fail("law 2, on the way: " + open);
  }
  return {};
}

Status SimLife::arrive(Nanoseconds at, std::vector<std::byte> bytes) {
  if (Status s = world_->pass_until(at - epoch_); !s) return s;
  frames_.push_back(std::move(bytes));
  judge_.arrived(frames_.back(), engine_->nic().queue_of(frames_.back()));
  return world_->add(at - epoch_, frames_.back());
}

void SimLife::apply(const SimEvent& event) {
  NicModel& nic = engine_->nic();
  switch (event.kind) {
    case SimEventKind::kLinkDown:
    case SimEventKind::kLinkUp:
      return nic.set_link(event.kind == SimEventKind::kLinkUp);
    case SimEventKind::kClearSocket:
      return engine_->program().clear_socket(event.a);
    case SimEventKind::kSetSocket:
      if (sockets_[event.a]) engine_->program().set_socket(event.a, *sockets_[event.a]);
      return;
    case SimEventKind::kDetach:
    case SimEventKind::kAttach:
      return engine_->program().attach(event.kind == SimEventKind::kAttach);
    case SimEventKind::kAddPort:
    case SimEventKind::kRemovePort:
      return change_port(kSimPorts[event.a], event.kind == SimEventKind::kAddPort);
    case SimEventKind::kRebalance:
      return nic.rebalance(event.a);
    case SimEventKind::kLoseFrames:
      return nic.lose_on_wire(event.a);
    case SimEventKind::kSetQueues:
      return set_queues(event.a);
    case SimEventKind::kJumpClock:
      return world_->jump(event.a * kMicrosecond);
    case SimEventKind::kFailWake:
      return nic.fail_calls(NicModel::Call::kWake, static_cast<int>(event.a), event.b);
    case SimEventKind::kFailWait:
      return nic.fail_calls(NicModel::Call::kWait, static_cast<int>(event.a), event.b);
    case SimEventKind::kFailStatistics:
      return fail_statistics(static_cast<int>(event.a));
    default:
      PENSTOCK_CHECK(false);
  }
}

// A socket keeps its queue, and what frames there are go on as before.
void SimLife::set_queues(std::uint32_t count) {
  const std::uint32_t before = engine_->nic().queues();
  const bool done = engine_->nic().set_queues(count) == 0;
  if (done != (count >= engine_->sockets()))
    note("channels: a queue with a socket went, or one without stayed");
  if (engine_->nic().queues() != (done ? count : before))
    note("channels: another number of queues than was set");
}

// An errno must not be taken for counts, and the counts must be there afterwards.
void SimLife::fail_statistics(int code) {
  engine_->nic().fail_calls(NicModel::Call::kStatistics, code, 1);
  const Status failed = engine_->receive().read_statistics();
  if (failed || failed.error().code != code) note("a failed XDP_STATISTICS was taken for an answer");
  if (!engine_->receive().read_statistics()) note("XDP_STATISTICS failed with nothing wrong");
}

// AfXdpReceiver::set_ports() and finish_removal(), over the model's program.
void SimLife::change_port(std::uint16_t port, bool add) {
  if (removing_) {
    cut_short_ = true;
    finish_removal();
  }
  if (engine_ports_.contains(port) == add) return;
  if (add) {
    PENSTOCK_CHECK(engine_ports_.add(port).has_value());
    kernel_ports_ = engine_ports_;
  } else if (kernel_ports_.ports().size() > 1) {
    kernel_ports_.remove(port);
  }
  engine_->receive().set_classifier(classifier_for(engine_ports_), engine_ports_.places());
  engine_->program().set_policy(classifier_for(kernel_ports_));
  engine_->receive().mark();
  removing_ = true;
  tell_judge_the_ports();
}

void SimLife::end_removal_if_drained() {
  if (removing_ && engine_->receive().passed_mark()) finish_removal();
}

void SimLife::finish_removal() {
  removing_ = false;
  engine_ports_ = kernel_ports_;
  engine_->receive().set_classifier(classifier_for(engine_ports_), engine_ports_.places());
  tell_judge_the_ports();
}

void SimLife::tell_judge_the_ports() {
  judge_.set_program_ports(kernel_ports_.ports());
  judge_.set_engine_ports(engine_ports_.ports(), engine_ports_.places());
}

Excuse SimLife::excuse() const {
  Excuse excuse;
  excuse.detached = !engine_->program().attached();
  excuse.no_socket = !engine_->program().socket(engine_->nic().polled_queue());
  const Nanoseconds older = std::min(world_->engine_went_round(), world_->tile_went_round());
  excuse.stalled = world_->now() - older > kStalled;
  return excuse;
}

void SimLife::note(std::optional<std::string> wrong) {
  if (wrong && wrong_.empty()) wrong_ = std::move(*wrong);
}

Status SimLife::end(SimFrames& frames, int probes) {
  if (probes == 0) engine_->program().attach(false);  // it goes: off the wire first
  heal(probes != 0);
  if (Status s = world_->finish(); !s) return s;
  for (int i = 0; i < probes && wrong_.empty(); ++i) {
    if (Status s = probe(frames, i); !s) return s;
  }
  if (!wrong_.empty()) return fail(wrong_);
  return check_accounts();
}

void SimLife::heal(bool goes_on) {
  NicModel& nic = engine_->nic();
  nic.set_link(true);
  nic.lose_on_wire(0);
  set_queues(plan_.ring.nic.queues);
  for (const NicModel::Call call :
       {NicModel::Call::kWake, NicModel::Call::kWait, NicModel::Call::kStatistics})
    nic.fail_calls(call, 0, 0);
  for (std::uint32_t queue = 0; queue < plan_.ring.nic.queues; ++queue) {
    if (sockets_[queue]) engine_->program().set_socket(queue, *sockets_[queue]);
  }
  if (goes_on) engine_->program().attach(true);
}

Status SimLife::probe(SimFrames& frames, int number) {
  SimFrame frame;
  frame.flow = static_cast<std::uint16_t>(number);
  frame.number = UINT32_MAX - static_cast<std::uint32_t>(number);
  const std::vector<std::uint16_t> listed = kernel_ports_.ports();
  while (kSimPorts[frame.value] != listed.front())
    ++frame.value;
  const std::uint64_t lost = judge_.lost();
  if (Status s = arrive(world_->now() - RingWorld::kStart + epoch_ + kProbePause, frames.bytes_of(frame)); !s)
    return s;
  if (Status s = world_->finish(); !s) return s;
  if (judge_.lost() != lost)
    return fail(
        fmt::format("liveness: after all faults healed, good datagram {} did not get through", number));
  return {};
}

Status SimLife::check_accounts() {
  counters_ = engine_->snapshot();
  const std::string open = open_accounts(*engine_, counters_,
                                         {.offered = world_->offered(),
                                          .delivered = judge_.count_delivered(),
                                          .host = judge_.count_passed() + judge_.count_returned()});
  if (!open.empty()) return fail("law 2: " + open);
  const std::uint64_t removed = counters_.get(DiscardReason::kPortRemoved);
  if (removed != 0 && !cut_short_)
    return fail(
        fmt::format("ports: {} frames that came while their port was listed were discarded", removed));
  if (const std::uint64_t named = lost_by_name(*engine_, counters_); named != judge_.lost())
    return fail(
        fmt::format("law 2: {} frames came to nothing, {} of them under a name", judge_.lost(), named));
  for (const std::uint64_t slot : counters_.slots)
    digest_.add(slot);
  return {};
}

void SimLife::add_to(SimOutcome& outcome) const {
  outcome.steps += engine_->book().steps();
  outcome.arrived += judge_.count_arrived();
  outcome.delivered += judge_.count_delivered();
  outcome.host += judge_.count_passed() + judge_.count_returned();
  outcome.lost += judge_.lost();
  outcome.time += world_->now() - RingWorld::kStart;
}

}  // namespace penstock
