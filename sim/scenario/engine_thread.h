// The engine of a run: a receiver of any path and its first consumer on a thread of their own inside the
// receiver's namespace.
//
// start() returns when the receiver is open and attached, or with the reason why it is not. The thread polls
// until stop(), all net tiles of the receiver in turn, and sleeps in the kernel when there is nothing.
// Whoever wants something of the receiver or the consumer meanwhile has it done on the thread, by call().
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
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/receive/af_xdp_receiver.h"
#include "engine/receive/receiver.h"
#include "engine/receive/udp_receiver.h"
#include "sim/machine/cpu_waits.h"
#include "sim/scenario/first_consumer.h"
#include "sim/topology/netns.h"

namespace penstock {

// Which receiver, and how it is opened: `af_xdp` for the paths that are AF_XDP, else `sockets`.
struct EngineConfig {
  Path path = Path::kKernelFilter;
  AfXdpConfig af_xdp{};
  SocketReceiverConfig sockets{};
  bool stamped = false;  // the consumer notes how old datagrams are
};

class EngineThread {
 public:
  struct Outcome {
    Consumed consumed;
    CounterSnapshot counters;
    std::vector<CpuWait> waits;  // for a CPU that others had
    Status status;               // the first error of the thread; the rest stands all the same
  };
  using Job = std::function<Status(Receiver&, FirstConsumer&)>;

  static Result<std::unique_ptr<EngineThread>> start(const NetNamespace& ns, const EngineConfig& config,
                                                     const ShredStageConfig& shreds);
  ~EngineThread();

  // Runs `job` on the thread, between two polls, and waits for it; also for the end of a stall. Errors: the
  // job's own, or that the thread has ended.
  Status call(Job job);
  // AfXdpReceiver::set_ports() there. Errors: that too, and that the receiver is another one.
  Status set_ports(std::span<const std::uint16_t> ports);
  // The receiver goes, and `down` later another is opened, with these ports and else as the first; the
  // consumer and the counters go on. With `drain` what the receiver was given is consumed first; without, it
  // is lost, and so is what the kernel counted last, as when a process is killed. Errors: a path that is not
  // AF_XDP, or whatever keeps the other from being opened: then the thread has ended. REQUIRES: the consumer
  // is not stalled.
  Status restart(std::span<const std::uint16_t> ports, Nanoseconds down, bool drain);
  // The thread polls no more, as one that hangs, until resume().
  void stall();
  void resume();

  // As of the last time that the thread had nothing to do, some milliseconds ago at most when idle.
  CounterSnapshot counters() const;
  std::string mode() const { return receiver_->mode(); }
  // The receiver of an AF_XDP path; null for the others.
  const AfXdpReceiver* af_xdp() const { return af_xdp_; }

  // Ends the thread and the receiver. Call once.
  Outcome stop();

 private:
  EngineThread(EngineConfig config, const ShredStageConfig& shreds)
      : config_(std::move(config)), consumer_(shreds, config_.stamped) {}
  Result<std::unique_ptr<Receiver>> open();
  Status reopen(Nanoseconds down, bool drain);
  void run(const std::stop_token& token);
  void end_receiver();
  void catch_up();
  bool take_batch();
  Status refresh();
  Status rest();
  template <typename Do>
  void for_other_tiles(const Do& act);
  void attend();

  EngineConfig config_;
  std::promise<Status> opened_;
  mutable std::mutex receiver_mutex_;   // held to replace it, and by other threads to look at it
  std::unique_ptr<Receiver> receiver_;  // null while it is away
  CounterSnapshot of_earlier_{};        // what receivers counted that have gone
  AfXdpReceiver* af_xdp_ = nullptr;     // the same, if it is one
  FirstConsumer consumer_;
  Status status_;
  std::vector<CpuWait> waits_;
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
