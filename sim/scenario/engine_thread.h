// The engine of a run: an AF_XDP receiver and its first consumer on a thread of their own inside the
// receiver's namespace.
//
// start() returns when the receiver is open and attached, or with the reason why it is not. The
// thread polls until stop(), and sleeps in the kernel when there is nothing.
//
// Thread safety: start() and stop() from one thread; counters() from any.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/packet/digest.h"
#include "engine/receive/af_xdp_receiver.h"
#include "sim/scenario/delivery.h"
#include "sim/topology/netns.h"

namespace penstock {

class EngineThread {
 public:
  struct Outcome {
    Delivery delivery;                 // of both ways
    MultisetDigest slow;               // of the slow way alone
    std::vector<std::uint64_t> names;  // of every datagram in the digest
    CounterSnapshot counters;
    Status status;  // the first error of the thread; the rest stands all the same
  };

  static Result<std::unique_ptr<EngineThread>> start(const NetNamespace& ns, const AfXdpConfig& config,
                                                     SetCounting counting);
  ~EngineThread();

  // As of the last time that the thread had nothing to do, some milliseconds ago at most when idle.
  CounterSnapshot counters() const { return receiver_->snapshot(); }
  std::string mode() const { return receiver_->mode(); }
  std::uint32_t queues() const { return receiver_->queues(); }
  // Kernel id of the XSKMAP, for the tracepoint that tells why a redirect failed.
  Result<std::uint32_t> socket_map_id() const { return receiver_->program().socket_map_id(); }

  // Ends the thread, detaches the program and closes the sockets. Call once.
  Outcome stop();

 private:
  explicit EngineThread(SetCounting counting) : outcome_{Delivery(counting), {}, {}, {}, {}} {}
  void run(const std::stop_token& token);
  bool take_batch();

  std::promise<Status> opened_;
  std::unique_ptr<AfXdpReceiver> receiver_;
  Outcome outcome_;
  std::jthread thread_;  // last, so that it ends before what it uses goes
};

}  // namespace penstock
