// Polling, consuming, giving back.
#include "sim/scenario/engine_thread.h"

#include <utility>

#include <fmt/format.h>

#include "engine/receive/io_uring_receiver.h"

namespace penstock {
namespace {

// How long an idle engine sleeps before it looks at the kernel's counters again. Short, so that the
// runner sees quiet soon.
constexpr Nanoseconds kIdleWait = 5 * kMillisecond;

}  // namespace

Result<std::unique_ptr<EngineThread>> EngineThread::start(const NetNamespace& ns, const EngineConfig& config,
                                                          const ShredStage& shreds) {
  std::unique_ptr<EngineThread> engine(new EngineThread(shreds));
  std::future<Status> ready = engine->opened_.get_future();
  auto thread = start_thread_in(ns, [&config, self = engine.get()](const std::stop_token& token) {
    const Status opened = self->open(config);
    self->opened_.set_value(opened);
    if (opened) self->run(token);
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

Status EngineThread::open(const EngineConfig& config) {
  const auto keep = [this](auto opened) -> Status {
    if (!opened) return tl::unexpected(opened.error());
    receiver_ = std::move(*opened);
    return {};
  };
  if (config.path == Path::kUdp) return keep(UdpReceiver::open(config.sockets));
  if (config.path == Path::kIoUring) return keep(IoUringReceiver::open(config.sockets));
  auto opened = AfXdpReceiver::open(config.af_xdp);
  if (opened) af_xdp_ = opened->get();
  return keep(std::move(opened));
}

void EngineThread::run(const std::stop_token& token) {
  while (!token.stop_requested() && status_) {
    if (attention_.load(std::memory_order_relaxed)) attend();
    if (take_batch()) continue;
    status_ = receiver_->refresh_counters();
    if (status_) status_ = receiver_->wait(kIdleWait);
  }
  receiver_->detach();
  while (take_batch()) {
  }
  receiver_->stop();
  if (Status s = receiver_->refresh_counters(); status_ && !s) status_ = s;
  const std::lock_guard lock(mutex_);
  ended_ = true;
  if (job_) answer_ = fail("ask the engine's thread: it has ended");
  changed_.notify_all();
}

bool EngineThread::take_batch() {
  const std::span<const Frag> frags = receiver_->poll();
  consumer_.take(*receiver_, frags);
  return !frags.empty();
}

EngineThread::Outcome EngineThread::stop() {
  resume();
  thread_.request_stop();
  thread_.join();
  Outcome outcome{std::move(consumer_).finish(), receiver_->snapshot(), status_};
  receiver_.reset();
  return outcome;
}

}  // namespace penstock
