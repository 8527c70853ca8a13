// The net thread: polls a receiver, shows what comes to a sink, gives the frames back. "pen-net" in `top -H`,
// or as it is named where there are several.
//
//   receiver -> poll() -> sink (the links of the ports, port_links.h) -> give_back()
//
// Beside that, every kHousekeeping: the kernel's counters are copied, a changed policy of the host is put
// into force, and a spinning thread asks whether the interface is still there. What else is to be done to the
// receiver is handed to the thread as an order (carry_out()).
//
// Waiting: by WaitStrategy. No sleep is longer than kLongestWait, which is well below the 50 ms that the
// dead-man's switch of the userspace filter asks for, and a fifth of what a clean stop may take.
//
// A thread that is to spin or to wait adaptively, and finds that the kernel receives on its own core
// (napi_watch.h), sleeps as with kBlock until that has changed; napi_on_tile_core counts it.
//
// An interface that goes down is no error: the thread goes on, and receives again when it is up. One that
// goes away ends the thread with the reason; so does any other error of the receiver.
//
// Ending: the receiver is detached, what had come in goes to the sink (for at most kDrain), the receiver's
// own threads are stopped, the counters are copied a last time.
//
// Ownership: borrows receiver and sink, which are the thread's alone until stop() has returned, but for
// Receiver::snapshot(). Thread safety: start, stop, refresh and carry_out from one thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/metrics/counters.h"
#include "engine/receive/receiver.h"
#include "engine/tiles/heartbeat.h"
#include "engine/tiles/napi_watch.h"
#include "engine/tiles/wait_strategy.h"

namespace penstock {

// Where the net thread puts what comes.
class Sink {
 public:
  virtual ~Sink() = default;
  // Returns what is to be given back in place of `frags`: as many, the n-th with the queue of the n-th frag;
  // frame and queue count, nothing else. That may be the frags themselves. At most Receiver::kBatch; valid
  // until the next call.
  virtual std::span<const Frag> take(std::span<const Frag> frags) = 0;
  // Before take() of the same frags, once in NetThread::kBetweenMarks at most: it is `now`, CLOCK_MONOTONIC.
  virtual void mark(std::span<const Frag> /*frags*/, Nanoseconds /*now*/) {}
};

struct NetThreadConfig {
  std::string name = "pen-net";  // as `top -H` shows it
  WaitStrategy wait = WaitStrategy::kBlock;
  int cpu = -1;  // to pin to; -1: anywhere
};

class NetThread {
 public:
  static constexpr Nanoseconds kLongestWait = 20 * kMillisecond;
  static constexpr Nanoseconds kHousekeeping = 50 * kMillisecond;
  static constexpr Nanoseconds kDrain = 20 * kMillisecond;
  // By the coarse clock: at each of its ticks, which are 1 to 10 ms apart.
  static constexpr Nanoseconds kBetweenMarks = kMillisecond;
  // Empty polls before an adaptive thread sleeps: about a millisecond at 100 ns each.
  static constexpr int kAdaptivePolls = 10'000;

  // In the network namespace of whoever starts it. Errors: EINVAL for a CPU that is not there or not ours.
  static Result<std::unique_ptr<NetThread>> start(Receiver& receiver, Sink& sink,
                                                  const NetThreadConfig& config);
  ~NetThread();  // stops

  // What ended the thread, if it was not this call. May be called again, to no effect.
  Status stop();

  // Readable when the thread has ended by itself: stop() says why.
  int ended_fd() const { return ended_.get(); }
  bool interface_is_down() const { return down_.load(std::memory_order_relaxed); }
  // Whether it sleeps since the kernel receives on its core.
  bool shares_core() const { return shares_core_.load(std::memory_order_relaxed); }
  const Counters& counters() const { return counters_; }
  // Moves at each turn, and so every kLongestWait at least.
  const Heartbeat& heartbeat() const { return heartbeat_; }

  // Has the kernel's counters copied now; false when the thread did not get round to it within `patience`.
  bool refresh(Nanoseconds patience);
  // Has the thread run `order` between two polls, which stand still meanwhile, and returns what it returned.
  // Errors: ETIMEDOUT when the thread did not get round to it within `patience`; it never will then.
  Status carry_out(const std::function<Status()>& order, Nanoseconds patience);

 private:
  NetThread(Receiver& receiver, Sink& sink, const NetThreadConfig& config, UniqueFd ended);

  void run(const std::stop_token& token);
  bool take_batch(Nanoseconds now);
  void idle();
  // Takes note of what a wait said; false when that ends the thread.
  void heed(const Status& waited);
  void keep_house(Nanoseconds now);
  void watch_napi(Nanoseconds now);
  WaitStrategy wait_now() const { return napi_.shared() ? WaitStrategy::kBlock : config_.wait; }
  void serve_order();
  void finish();

  Receiver& receiver_;
  Sink& sink_;
  NetThreadConfig config_;
  CoarseClock clock_;
  MonotonicClock exact_;
  UniqueFd ended_;  // eventfd
  Status status_;
  int empty_polls_ = 0;
  Nanoseconds kept_house_ = 0;
  Nanoseconds marked_ = 0;
  NapiWatch napi_;
  std::vector<std::uint64_t> frames_by_cpu_;
  Counters counters_;
  Heartbeat heartbeat_;
  std::atomic<bool> down_{false};
  std::atomic<bool> shares_core_{false};
  std::mutex order_lock_;  // held while one is carried out
  const std::function<Status()>* order_ = nullptr;
  Status order_result_;
  std::atomic<unsigned> asked_{0};  // refreshes and orders
  std::atomic<unsigned> done_{0};
  std::jthread thread_;  // last, so that it ends before what it uses goes
};

}  // namespace penstock
