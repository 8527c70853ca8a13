// The engine of a run: an AF_XDP receiver and its first consumer on a thread of their own inside the
// receiver's namespace.
//
// start() returns when the receiver is open and attached, or with the reason why it is not. The
// thread polls until stop(), and sleeps in the kernel when there is nothing. Whoever wants something of the
// receiver or the consumer meanwhile has it done on the thread, by call().
//
// Thread safety: start() and stop() from one thread; call(), stall() and resume() from one other at a time;
// counters() from any.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "engine/receive/af_xdp_receiver.h"
#include "sim/scenario/first_consumer.h"
#include "sim/topology/netns.h"

namespace penstock {

class EngineThread {
 public:
  struct Outcome {
    Consumed consumed;
    CounterSnapshot counters;
    Status status;  // the first error of the thread; the rest stands all the same
  };
  using Job = std::function<Status(AfXdpReceiver&, FirstConsumer&)>;

  static Result<std::unique_ptr<EngineThread>> start(const NetNamespace& ns, const AfXdpConfig& config,
                                                     const ShredStage& shreds);
  ~EngineThread();

  // Runs `job` on the thread, between two polls, and waits for it; also for the end of a stall. Errors: the
  // job's own, or that the thread has ended.
  Status call(Job job);
  // The thread polls no more, as one that hangs, until resume().
  void stall();
  void resume();

  // As of the last time that the thread had nothing to do, some milliseconds ago at most when idle.
  CounterSnapshot counters() const { return receiver_->snapshot(); }
  std::string mode() const { return receiver_->mode(); }
  std::uint32_t queues() const { return receiver_->queues(); }
  // Kernel id of the XSKMAP, for the tracepoint that tells why a redirect failed.
  Result<std::uint32_t> socket_map_id() const { return receiver_->program().socket_map_id(); }

  // Ends the thread, detaches the program and closes the sockets. Call once.
  Outcome stop();

 private:
  explicit EngineThread(const ShredStage& shreds) : consumer_(shreds) {}
  void run(const std::stop_token& token);
  bool take_batch();
  void attend();

  std::promise<Status> opened_;
  std::unique_ptr<AfXdpReceiver> receiver_;
  FirstConsumer consumer_;
  Status status_;
  std::atomic<bool> attention_{false};  // something of the following has changed
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stalled_ = false;
  bool ended_ = false;
  std::optional<Job> job_;
  std::optional<Status> answer_;
  std::jthread thread_;  // last, so that it ends before what it uses goes
};

}  // namespace penstock
