// Polling, consuming, giving back.
#include "sim/scenario/engine_thread.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "engine/receive/io_uring_receiver.h"

namespace penstock {
namespace {

// How long an idle engine sleeps before it looks at the kernel's counters again. Short, so that the
// runner sees quiet soon.
constexpr Nanoseconds kIdleWait = 5 * kMillisecond;
// With other tiles, which nothing wakes it for.
constexpr Nanoseconds kIdleWaitOfSeveral = 500 * kMicrosecond;
constexpr int kMostBacklog = 1'024;  // batches

}  // namespace

Result<std::unique_ptr<EngineThread>> EngineThread::start(const NetNamespace& ns, const EngineConfig& config,
                                                          const ShredStageConfig& shreds) {
  std::unique_ptr<EngineThread> engine(new EngineThread(config, shreds));
  std::future<Status> ready = engine->opened_.get_future();
  auto thread = start_thread_in(ns, [self = engine.get()](const std::stop_token& token) {
    Result<std::unique_ptr<Receiver>> opened = self->open();
    if (!opened) return self->opened_.set_value(tl::unexpected(opened.error()));
    self->receiver_ = std::move(*opened);
    self->opened_.set_value({});
    self->run(token);
  });
  if (!thread) return tl::unexpected(thread.error());
  engine->thread_ = std::move(*thread);
  if (Status s = ready.get(); !s) return tl::unexpected(s.error());
  return engine;
}

// A thread that is stalled must be let go before it can be joined.
EngineThread::~EngineThread() {
  resume();
}

Status EngineThread::call(Job job) {
  std::unique_lock lock(mutex_);
  if (ended_) return fail("ask the engine's thread: it has ended");
  job_ = std::move(job);
  answer_.reset();
  attention_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return answer_.has_value(); });
  return *answer_;
}

Status EngineThread::set_ports(std::span<const std::uint16_t> ports) {
  return call([this, ports](Receiver& receiver, FirstConsumer&) -> Status {
    if (af_xdp_ == nullptr)
      return fail(fmt::format("change the ports of {} while it runs", to_string(receiver.path())));
    return af_xdp_->set_ports(ports);
  });
}

Status EngineThread::restart(std::span<const std::uint16_t> ports, Nanoseconds down, bool drain) {
  return call([this, ports, down, drain](Receiver& receiver, FirstConsumer&) -> Status {
    if (af_xdp_ == nullptr)
      return fail(fmt::format("restart the engine of {} while traffic flows", to_string(receiver.path())));
    config_.af_xdp.classifier.ports.assign(ports.begin(), ports.end());
    return reopen(down, drain);
  });
}

// On the thread.
Status EngineThread::reopen(Nanoseconds down, bool drain) {
  if (drain) {
    end_receiver();
  } else {
    catch_up();
  }
  std::unique_ptr<Receiver> gone;
  {
    const std::lock_guard lock(receiver_mutex_);
    of_earlier_ += receiver_->snapshot();
    gone = std::move(receiver_);
    af_xdp_ = nullptr;
  }
  gone.reset();
  std::this_thread::sleep_for(std::chrono::nanoseconds(down));
  Result<std::unique_ptr<Receiver>> opened = open();
  if (!opened) return fail("open the receiver again", opened.error());
  const std::lock_guard lock(receiver_mutex_);
  receiver_ = std::move(*opened);
  return {};
}

CounterSnapshot EngineThread::counters() const {
  const std::lock_guard lock(receiver_mutex_);
  CounterSnapshot total = of_earlier_;
  if (receiver_) total += receiver_->snapshot();
  return total;
}

void EngineThread::stall() {
  const std::lock_guard lock(mutex_);
  stalled_ = true;
  attention_ = true;
}

void EngineThread::resume() {
  const std::lock_guard lock(mutex_);
  stalled_ = false;
  changed_.notify_all();
}

void EngineThread::attend() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !stalled_; });
  attention_ = false;
  if (!job_) return;
  answer_ = (*job_)(*receiver_, consumer_);
  job_.reset();
  changed_.notify_all();
}

Result<std::unique_ptr<Receiver>> EngineThread::open() {
  const auto as_receiver = [](auto opened) -> Result<std::unique_ptr<Receiver>> {
    if (!opened) return tl::unexpected(opened.error());
    return std::move(*opened);
  };
  if (config_.path == Path::kUdp) return as_receiver(UdpReceiver::open(config_.sockets));
  if (config_.path == Path::kIoUring) return as_receiver(IoUringReceiver::open(config_.sockets));
  auto opened = AfXdpReceiver::open(config_.af_xdp);
  if (opened) af_xdp_ = opened->get();
  return as_receiver(std::move(opened));
}

void EngineThread::run(const std::stop_token& token) {
  const MonotonicClock clock;
  CpuWaits waits;
  while (!token.stop_requested() && status_) {
    waits.round(clock.now());
    if (attention_.load(std::memory_order_relaxed)) attend();
    if (!receiver_) status_ = fail("the receiver could not be opened again");
    if (!status_ || take_batch()) continue;
    waits.caught_up();
    status_ = rest();
  }
  waits_ = std::move(waits).finish();
  if (receiver_) end_receiver();
  const std::lock_guard lock(mutex_);
  ended_ = true;
  if (job_) answer_ = fail("ask the engine's thread: it has ended");
  changed_.notify_all();
}

// What a thread that the machine left standing for a while still has in its rings is no part of a kill.
// Bounded, since more comes meanwhile.
void EngineThread::catch_up() {
  for (int batches = 0; batches < kMostBacklog && take_batch(); ++batches) {
  }
}

// In order: everything that it was given is consumed, and the counters are whole.
void EngineThread::end_receiver() {
  receiver_->detach();
  while (take_batch()) {
  }
  receiver_->stop();
  for_other_tiles([](QueueGroup& tile) { tile.stop(); });
  if (Status s = refresh(); status_ && !s) status_ = s;
}

// Those of further interfaces, behind the first, which the receiver polls itself.
template <typename Do>
void EngineThread::for_other_tiles(const Do& act) {
  for (std::size_t tile = 1; af_xdp_ != nullptr && tile < af_xdp_->net_tiles(); ++tile)
    act(af_xdp_->tile(tile));
}

bool EngineThread::take_batch() {
  bool any = false;
  const auto take = [&](Receiver& receiver) {
    const std::span<const Frag> frags = receiver.poll();
    consumer_.take(receiver, frags);
    any = any || !frags.empty();
  };
  take(*receiver_);
  for_other_tiles(take);
  return any;
}

Status EngineThread::refresh() {
  Status status = receiver_->refresh_counters();
  for_other_tiles([&](QueueGroup& tile) {
    if (status) status = tile.refresh_counters();
  });
  return status;
}

Status EngineThread::rest() {
  if (Status s = refresh(); !s) return s;
  const bool several = af_xdp_ != nullptr && af_xdp_->net_tiles() > 1;
  return receiver_->wait(several ? kIdleWaitOfSeveral : kIdleWait);
}

EngineThread::Outcome EngineThread::stop() {
  resume();
  thread_.request_stop();
  thread_.join();
  Outcome outcome{std::move(consumer_).finish(), counters(), std::move(waits_), status_};
  receiver_.reset();
  return outcome;
}

}  // namespace penstock
