// Polling, consuming, giving back.
#include "sim/scenario/engine_thread.h"

#include <utility>

namespace penstock {
namespace {

// How long an idle engine sleeps before it looks at the kernel's counters again. Short, so that the
// runner sees quiet soon.
constexpr Nanoseconds kIdleWait = 5 * kMillisecond;

}  // namespace

Result<std::unique_ptr<EngineThread>> EngineThread::start(const NetNamespace& ns, const AfXdpConfig& config,
                                                          SetCounting counting) {
  std::unique_ptr<EngineThread> engine(new EngineThread(counting));
  std::future<Status> ready = engine->opened_.get_future();
  auto thread = start_thread_in(ns, [&config, self = engine.get()](const std::stop_token& token) {
    Result<std::unique_ptr<AfXdpReceiver>> receiver = AfXdpReceiver::open(config);
    if (!receiver) {
      self->opened_.set_value(tl::unexpected(receiver.error()));
      return;
    }
    self->receiver_ = std::move(*receiver);
    self->opened_.set_value({});
    self->run(token);
  });
  if (!thread) return tl::unexpected(thread.error());
  engine->thread_ = std::move(*thread);
  if (Status s = ready.get(); !s) return tl::unexpected(s.error());
  return engine;
}

EngineThread::~EngineThread() = default;

void EngineThread::run(const std::stop_token& token) {
  Status& status = outcome_.status;
  while (!token.stop_requested() && status) {
    if (take_batch()) continue;
    status = receiver_->refresh_counters();
    if (status) status = receiver_->wait(kIdleWait);
  }
  receiver_->detach();
  while (take_batch()) {
  }
  receiver_->stop();
  if (Status s = receiver_->refresh_counters(); status && !s) status = s;
}

bool EngineThread::take_batch() {
  const std::span<const Frag> frags = receiver_->poll();
  for (const Frag& frag : frags) {
    const Endpoint source{frag.source, frag.source_port};
    const Endpoint destination{frag.destination, frag.destination_port};
    outcome_.names.push_back(outcome_.delivery.add(source, destination, receiver_->payload(frag)));
    if (frag.way == WayIn::kCompanion)
      outcome_.slow.add_datagram(source, destination, receiver_->payload(frag));
  }
  receiver_->give_back(frags);
  return !frags.empty();
}

EngineThread::Outcome EngineThread::stop() {
  thread_.request_stop();
  thread_.join();
  outcome_.counters = receiver_->snapshot();
  receiver_.reset();
  return std::move(outcome_);
}

}  // namespace penstock
