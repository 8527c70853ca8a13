// The loop, its idling and its end.
#include "engine/tiles/net_thread.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>

#include <future>
#include <utility>

#include "engine/base/wait.h"
#include "engine/tiles/thread_setup.h"

namespace penstock {

NetThread::NetThread(Receiver& receiver, Sink& sink, const NetThreadConfig& config, UniqueFd ended)
    : receiver_(receiver), sink_(sink), config_(config), ended_(std::move(ended)) {}

Result<std::unique_ptr<NetThread>> NetThread::start(Receiver& receiver, Sink& sink,
                                                    const NetThreadConfig& config) {
  UniqueFd ended(eventfd(0, EFD_CLOEXEC));
  if (!ended) return fail("start the net thread: eventfd", errno);
  std::unique_ptr<NetThread> net(new NetThread(receiver, sink, config, std::move(ended)));
  std::promise<Status> started;
  std::future<Status> set_up = started.get_future();
  net->thread_ =
      std::jthread([self = net.get(), started = std::move(started)](const std::stop_token& token) mutable {
        const Status status = set_up_thread(self->config_.name, self->config_.cpu);
        const bool ok = status.has_value();
        started.set_value(status);
        if (ok) self->run(token);
      });
  if (Status s = set_up.get(); !s) return fail("start the net thread", s.error());
  return net;
}

NetThread::~NetThread() {
  static_cast<void>(stop());
}

Status NetThread::stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  return status_;
}

bool NetThread::refresh(Nanoseconds patience) {
  const unsigned mine = asked_.fetch_add(1) + 1;
  return wait_until([&] { return static_cast<int>(done_.load() - mine) >= 0; }, patience);
}

Status NetThread::carry_out(const std::function<Status()>& order, Nanoseconds patience) {
  {
    const std::scoped_lock lock(order_lock_);
    order_ = &order;
  }
  static_cast<void>(refresh(patience));
  const std::scoped_lock lock(order_lock_);  // waits for one that is under way
  if (std::exchange(order_, nullptr) == nullptr) return order_result_;
  return fail("have " + config_.name + " do it: it does not come round", ETIMEDOUT);
}

void NetThread::serve_order() {
  const std::scoped_lock lock(order_lock_);
  if (order_ != nullptr) order_result_ = (*std::exchange(order_, nullptr))();
}

void NetThread::run(const std::stop_token& token) {
  while (!token.stop_requested() && status_) {
    heartbeat_.beat();
    const Nanoseconds now = clock_.now();
    keep_house(now);
    if (take_batch(now)) {
      empty_polls_ = 0;
    } else {
      idle();
    }
  }
  finish();
}

bool NetThread::take_batch(Nanoseconds now) {
  const std::span<const Frag> frags = receiver_.poll();
  if (frags.empty()) return false;
  if (now - marked_ >= kBetweenMarks) {
    marked_ = now;
    sink_.mark(frags, exact_.now());
  }
  receiver_.give_back(sink_.take(frags));
  return true;
}

void NetThread::idle() {
  const WaitStrategy strategy = wait_now();
  if (strategy == WaitStrategy::kSpin) return;
  if (strategy == WaitStrategy::kAdaptive && ++empty_polls_ < kAdaptivePolls) return;
  heed(strategy == WaitStrategy::kBusyPoll ? receiver_.drive() : receiver_.wait(kLongestWait));
}

void NetThread::heed(const Status& waited) {
  const bool down = !waited && waited.error().code == ENETDOWN;
  down_.store(down, std::memory_order_relaxed);
  if (!waited && !down) status_ = waited;
}

void NetThread::keep_house(Nanoseconds now) {
  const unsigned asked = asked_.load(std::memory_order_relaxed);
  if (now - kept_house_ < kHousekeeping && asked == done_.load(std::memory_order_relaxed)) return;
  kept_house_ = now;
  serve_order();
  if (Status s = receiver_.refresh_counters(); !s) status_ = s;
  // A policy that cannot be read now stays as it was, and is read again.
  static_cast<void>(receiver_.refresh_policy(now));
  if (config_.wait == WaitStrategy::kSpin) heed(receiver_.wait(0));
  watch_napi(now);
  done_.store(asked);
}

// With kBusyPoll NAPI is meant to run here.
void NetThread::watch_napi(Nanoseconds now) {
  if (config_.wait != WaitStrategy::kSpin && config_.wait != WaitStrategy::kAdaptive) return;
  if (!receiver_.frames_by_cpu(frames_by_cpu_)) return;  // not known now: asked again
  const std::optional<bool> change = napi_.look(now, static_cast<unsigned>(sched_getcpu()), frames_by_cpu_);
  if (!change) return;
  shares_core_.store(*change, std::memory_order_relaxed);
  if (*change) counters_.add(Counter::kNapiOnTileCore);
}

void NetThread::finish() {
  receiver_.detach();
  const Nanoseconds deadline = exact_.now() + kDrain;
  static_cast<void>(receiver_.wait(0));  // the slow way has its turn behind a wait
  while (take_batch(clock_.now()) && exact_.now() < deadline) {
  }
  receiver_.stop();
  if (Status s = receiver_.refresh_counters(); status_ && !s) status_ = s;
  if (status_) return;
  const std::uint64_t one = 1;
  static_cast<void>(write(ended_.get(), &one, sizeof(one)) == sizeof(one));
}

}  // namespace penstock
